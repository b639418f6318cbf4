"""`endcap explore`: what the shop's data say, as a page and in ten lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, progress_bars, report_recipe

NAME = "explore"
EXAMPLE = "endcap explore --shop myshop/"


def run(
    shop: ShopOption = None,
    html: Annotated[
        Path | None,
        typer.Option(help="Where to write the page. Default: explore.html in the shop.", show_default=False),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json-file", help="Where to write the figures. Default: explore.json in the shop.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Look at the shop's events: who comes back, what sells, what goes together, what is new, what to try."""
    the_shop = open_shop(shop)
    with progress_bars(quiet=json) as progress:
        seen = the_shop.explore(progress=progress)
    page = seen.write(html or the_shop.folder / "explore.html", title=the_shop.config.name)
    figures = seen.write(json_file or the_shop.folder / "explore.json")
    if json:
        print_json({**seen.to_dict(), "set_aside": the_shop.set_aside})
        return
    report_recipe(the_shop)
    for line in seen.lines:
        out.print(f"- {line}", markup=False)
    out.print(f"\nPage: [bold]{page}[/], figures: [bold]{figures}[/]")
