"""`endcap evaluate`: how good the candidates are, as a table and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, progress_bars, report_recipe

NAME = "evaluate"
EXAMPLE = "endcap evaluate --shop myshop/"


def run(
    shop: ShopOption = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the page; the figures as JSON go beside it. Default: evaluation.html in the shop.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Test the candidate models on the newest events, and write a report; the model in use stays as it is."""
    from endcap.cli.comparison import print_comparison
    from endcap.files import write_whole

    the_shop = open_shop(shop)
    with progress_bars(quiet=json) as progress:
        comparison = the_shop.compare(progress=progress)
        shoppers = the_shop.typical_shoppers() if the_shop.models.versions() else []
        file = the_shop.write_report(report or the_shop.folder / "evaluation.html", comparison, shoppers=shoppers)
        figures = file.with_suffix(".json")
        write_whole(figures, comparison.to_json().encode())
    if json:
        print_json(
            {"report": str(file), "figures": str(figures), "set_aside": the_shop.set_aside, **comparison.to_dict()}
        )
        return
    report_recipe(the_shop)
    print_comparison(comparison)
    out.print(f"\nReport: [bold]{file}[/]\nFigures: {figures}")
