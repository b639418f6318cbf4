"""`endcap init`: a new shop from files of orders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from endcap.cli.output import JsonOption, out, print_json

NAME = "init"
EXAMPLE = "endcap init myshop/ orders.csv --items products.csv"


def run(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", show_default=False)],
    orders: Annotated[
        list[str], typer.Argument(help="Files of events: CSV, TSV, JSON lines or Parquet, also .gz or .zst, or globs.")
    ],
    items: Annotated[Path | None, typer.Option(help="The catalogue: one row a product.", show_default=False)] = None,
    user: Annotated[str, typer.Option(help="The column of shoppers.", show_default=False)] = "",
    item: Annotated[str, typer.Option(help="The column of products.", show_default=False)] = "",
    time: Annotated[str, typer.Option(help="The column of times.", show_default=False)] = "",
    event: Annotated[str, typer.Option(help="The column of kinds of event.", show_default=False)] = "",
    quantity: Annotated[str, typer.Option(help="The column of quantities.", show_default=False)] = "",
    price: Annotated[str, typer.Option(help="The column of prices of one piece.", show_default=False)] = "",
    rating: Annotated[str, typer.Option(help="The column of ratings.", show_default=False)] = "",
    transaction: Annotated[str, typer.Option(help="The column of order numbers.", show_default=False)] = "",
    session: Annotated[str, typer.Option(help="The column of sessions.", show_default=False)] = "",
    event_id: Annotated[str, typer.Option(help="The column of event ids.", show_default=False)] = "",
    anonymous: Annotated[
        str, typer.Option(help="The column of visitors' ids before a log-in.", show_default=False)
    ] = "",
    store: Annotated[str, typer.Option(help="PostgreSQL's address, instead of SQLite.", show_default=False)] = "",
    deduplicate: Annotated[bool, typer.Option(help="Drop rows whose event id was there before.")] = False,
    format: Annotated[str, typer.Option(help="The export it is, where not recognised.", show_default=False)] = "",
    query: Annotated[str, typer.Option(help="What to read from a database, in SQL.", show_default=False)] = "",
    json: JsonOption = False,
) -> None:
    """Make a shop: recognise the columns, write endcap.toml, import the events."""
    from endcap.cli.import_ import report_import
    from endcap.config import Columns, Config
    from endcap.shop import Shop

    columns = Columns(
        user=user, item=item, time=time, event=event, quantity=quantity, price=price, rating=rating,
        transaction=transaction, session=session, event_id=event_id, anonymous=anonymous,
    )  # fmt: skip
    with half_made(folder):
        shop = Shop.create(folder, Config(name=folder.resolve().name, columns=columns, store=store))
        done = shop.import_events(orders, deduplicate=deduplicate, format=format or None, query=query or None)
        catalogue = shop.import_items(str(items)) if items is not None else None
    if json:
        print_json({"shop": str(folder), **report_import(done, json=True)})
        return
    report_import(done)
    if catalogue is not None:
        out.print(f"Catalogue: {catalogue.new:,} products.")
    out.print(f"\nMade [bold]{folder}[/] with its settings in {folder / 'endcap.toml'}.")
    out.print(f"Next: [bold]endcap train --shop {folder}[/]")


@contextmanager
def half_made(folder: Path) -> Iterator[None]:
    """Remove what was made of a shop where making it fails: a file that can't be used leaves no half a shop behind."""
    before = set(folder.iterdir()) if folder.is_dir() else None
    try:
        yield
    except BaseException:
        if before is None:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for made in set(folder.iterdir()) - before:
                shutil.rmtree(made, ignore_errors=True) if made.is_dir() else made.unlink(missing_ok=True)
        raise
