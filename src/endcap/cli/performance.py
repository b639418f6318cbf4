"""`endcap performance`: what came of the recommendations that the server gave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_frame, print_json

NAME = "performance"
EXAMPLE = "endcap performance --days 28"


def run(
    shop: ShopOption = None,
    days: Annotated[int, typer.Option(min=1, help="Of how many days, up to now.")] = 28,
    window: Annotated[int, typer.Option(min=1, help="So many days after a click a purchase is credited to it.")] = 7,
    touch: Annotated[
        Literal["last", "first", "linear"], typer.Option(help="Which click is credited, where there were several.")
    ] = "last",
    json: JsonOption = False,
) -> None:
    """Show clicks, purchases and revenue by surface, model and variant, with 95 % intervals."""
    since = int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1_000_000)
    table = open_shop(shop).performance(since, window=timedelta(days=window), touch=touch)
    if json:
        print_json(table.to_dicts())
        return
    if table.is_empty():
        out.print(f"No recommendation was given in the last {days} days. Serve some: [bold]endcap serve[/]")
        return
    shares = ("click_through", "conversion", "revenue")
    unused = [name for name in ("experiment", "variant") if table[name].null_count() == len(table)]
    print_frame(table.drop(*unused, "empty", *(f"{name}_low" for name in shares), *(f"{name}_high" for name in shares)))
    for row in table.iter_rows(named=True):
        out.print(
            f"{row['surface']}, {row['model']}{_variant(row)}: click-through {_share(row, 'click_through')}, "
            f"conversion {_share(row, 'conversion')}",
            markup=False,
        )


def _variant(row: dict[str, Any]) -> str:
    return "" if row["variant"] is None else f", {row['experiment']}: {row['variant']}"


def _share(row: dict[str, float], name: str) -> str:
    if row[name] != row[name]:
        return "not known: no impressions"
    return f"{row[name]:.2%} (95 %: {row[f'{name}_low']:.2%} to {row[f'{name}_high']:.2%})"
