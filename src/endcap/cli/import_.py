"""`endcap import`: more events for a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, report_recipe
from endcap.errors import ParameterError

if TYPE_CHECKING:
    from endcap.shop import Import, Shop

NAME = "import"
_SECONDS_FOR_THE_DOCTOR = 2_000_000  # events
EXAMPLE = "endcap import orders-2026-11.csv"


def run(
    orders: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files of events: CSV, TSV, JSON lines or Parquet, also .gz or .zst, or globs.", show_default=False
        ),
    ] = None,
    items: Annotated[list[str] | None, typer.Option(help="A catalogue: a row a product.", show_default=False)] = None,
    offers: Annotated[
        list[str] | None,
        typer.Option(help="Prices and availability over time: a row a change.", show_default=False),
    ] = None,
    users: Annotated[
        list[str] | None, typer.Option(help="What is known of shoppers: a row each.", show_default=False)
    ] = None,
    identities: Annotated[
        list[str] | None,
        typer.Option(help="Visitors' ids and the users they turned out to be: a row each.", show_default=False),
    ] = None,
    shop: ShopOption = None,
    deduplicate: Annotated[bool, typer.Option(help="Drop rows whose event id was there before.")] = False,
    format: Annotated[str, typer.Option(help="The export it is, where not recognised.", show_default=False)] = "",
    query: Annotated[str, typer.Option(help="What to read from a database, in SQL.", show_default=False)] = "",
    json: JsonOption = False,
) -> None:
    """Add what is new to a shop; what was imported before changes nothing."""
    if not (orders or items or offers or users or identities):
        raise ParameterError(
            "nothing to import; name files of events, or --items, --offers, --users or --identities FILE"
        )
    opened = open_shop(shop)
    said: dict[str, Any] = {}
    new = 0
    if offers:  # before the products, whose newest price is likely the last of this history
        said["offers"] = {"new": opened.import_offers(offers)}
        if not json:
            out.print(f"Prices and availability over time: {said['offers']['new']:,} new.")
    for name, sources, read in (("products", items, opened.import_items), ("shoppers", users, opened.import_users)):
        if sources:
            done = read(sources, format=format or None, query=query or None)
            said[name] = {"new": done.new, "changed": done.changed}
            if not json:
                out.print(f"{name.capitalize()}: {done.new:,} new, {done.changed:,} changed.")
    if orders:
        taken = opened.import_events(orders, deduplicate=deduplicate, format=format or None, query=query or None)
        said |= report_import(taken, json=json)
        new = taken.new
    if identities:  # after the events, which settle whether ids are text or numbers
        said["identities"] = {"new": opened.import_identities(identities)}
        if not json:
            out.print(f"Visitors merged into users: {said['identities']['new']:,} new.")
    if json:
        print_json(said)
        return
    if new:
        look_at(opened)
    to = "" if shop is None else f" --shop {shop}"
    out.print(f"Next: [bold]endcap {'train' if new else 'recommend --all -o recs.parquet'}{to}[/]")


def look_at(shop: Shop) -> None:
    """Say what the doctor finds in the shop's data, where that takes seconds."""
    from endcap.cli.doctor import report_diagnosis

    if len(shop.events) > _SECONDS_FOR_THE_DOCTOR:
        out.print("What is wrong with the data, and what they are good for: [bold]endcap doctor[/]")
        return
    diagnosis = shop.diagnose()
    report_recipe(shop)
    report_diagnosis(diagnosis)
    if diagnosis.rules:
        out.print("[bold]endcap doctor --clean[/] writes rules that set such events aside.")


def report_import(done: Import, *, json: bool = False) -> dict[str, Any]:
    """Say what came in, what was taken for what, what was new, and what was set aside and why."""
    summary = done.summary
    if not json:
        out.print("Columns taken:", style="bold")
        for name, column in summary.mapping.items():
            out.print(f"  {name:<15} from {column}", markup=False)
        known = f", {done.known:,} were there before" if done.known else ""
        out.print(f"Events: {done.new:,} new{known}.")
        if done.repeated:
            out.print("[yellow]The very same files were imported before; nothing was changed.[/]")
        elif not done.new:
            out.print("[yellow]All of these events were imported before; nothing was changed.[/]")
        for reason, count in summary.counts.items():
            out.print(f"[yellow]Set aside:[/] {count:,} rows, {reason}")
        for name, count in summary.unknown_events.items():
            out.print(
                f"[yellow]Unknown event:[/] {count:,} rows of {name!r}, kept; it counts 1 unless endcap.toml says"
            )
        for note in summary.notices:
            out.print(f"[yellow]Note:[/] {escape(note)}.")
        if done.quarantine is not None:
            out.print(f"The rows set aside are in {done.quarantine}.")
    return {
        "columns": dict(summary.mapping),
        "read": summary.rows_read,
        "new": done.new,
        "known": done.known,
        "set_aside": dict(summary.counts),
        "notices": list(summary.notices),
        "quarantine": str(done.quarantine) if done.quarantine else None,
    }
