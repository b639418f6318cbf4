"""`endcap init`: a new shop from files of orders."""

from __future__ import annotations

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
    deduplicate: Annotated[bool, typer.Option(help="Drop rows whose event id was there before.")] = False,
    format: Annotated[str, typer.Option(help="The export it is, where not recognised.", show_default=False)] = "",
    query: Annotated[str, typer.Option(help="What to read from a database, in SQL.", show_default=False)] = "",
    json: JsonOption = False,
) -> None:
    """Make a shop: recognise the columns, write endcap.toml, import the events."""
    from endcap.cli.import_ import report_import
    from endcap.config import Columns, Config
    from endcap.data.reading import read_events
    from endcap.shop import Shop

    columns = Columns(
        user=user, item=item, time=time, event=event, quantity=quantity, price=price, rating=rating,
        transaction=transaction, session=session, event_id=event_id,
    )  # fmt: skip
    # Read before anything is made: a file that can't be used leaves no half a shop behind.
    events = read_events(orders, deduplicate=deduplicate, format=format or None, query=query or None, **columns.given())
    catalogue = None
    if items is not None:
        from endcap.data.items import read_items

        catalogue = read_items(items)
    shop = Shop.create(folder, Config(name=folder.resolve().name, columns=columns))
    done = shop.add_events(events)
    if catalogue is not None:
        shop.import_items(catalogue)
    if json:
        print_json({"shop": str(folder), **report_import(done, json=True)})
        return
    report_import(done)
    if catalogue is not None:
        out.print(f"Catalogue: {len(catalogue):,} products.")
    out.print(f"\nMade [bold]{folder}[/] with its settings in {folder / 'endcap.toml'}.")
    out.print(f"Next: [bold]endcap train --shop {folder}[/]")
