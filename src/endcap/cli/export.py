"""`endcap export`: all that the shop's store holds, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json

NAME = "export"
EXAMPLE = "endcap export backup/"


def run(
    folder: Annotated[Path, typer.Argument(help="Where to write the files; made where it is not there.")],
    shop: ShopOption = None,
    json: JsonOption = False,
) -> None:
    """Write events, products, shoppers and merged visitors as Parquet files, which `endcap import` reads back."""
    written = open_shop(shop).export(folder)
    if json:
        print_json(written)
        return
    for name, rows in written.items():
        out.print(f"{folder / name}: {rows:,} rows", markup=False)
    if not written:
        out.print("Nothing to write: no events, products or shoppers in this shop yet.")
        return
    out.print("Read them back:", style="bold")
    given = [f"--{Path(name).stem} {folder / name}" for name in written if name != "events.parquet"]
    events = [str(folder / "events.parquet")] if "events.parquet" in written else []
    out.print(" ".join(["  endcap import", *events, *given]), markup=False, soft_wrap=True)
