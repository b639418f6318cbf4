"""`endcap forget`: a shopper's data, removed."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json

NAME = "forget"
EXAMPLE = "endcap forget 1234"


def run(
    user: Annotated[str, typer.Argument(help="The shopper's id.", show_default=False)],
    shop: ShopOption = None,
    show: Annotated[bool, typer.Option("--show", help="Show all that is stored; remove nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Remove all that is stored of a shopper, visitors merged into it included, and say what it was."""
    from endcap.data.schema import USER
    from endcap.shop import as_id

    opened = open_shop(shop)
    shopper = as_id(user, is_text=opened.store.events.id_types().get(USER) != pl.Int64)
    if show:
        print_json(opened.store.shoppers.about(shopper))
        return
    receipt = opened.forget(shopper)
    if json:
        print_json(receipt.to_dict())
        return
    ids = "".join(f", {one}" for one in receipt.ids[1:])
    out.print(
        f"Removed of {receipt.ids[0]}{ids}: {receipt.events:,} events, {receipt.attributes:,} rows of attributes, "
        f"{receipt.identities:,} merges, {receipt.set_aside:,} rows that had been set aside.",
        markup=False,
    )
    out.print("Models trained before still know the shopper; next: [bold]endcap train[/]")
