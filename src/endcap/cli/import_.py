"""`endcap import`: more events for a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json

if TYPE_CHECKING:
    from endcap.shop import Import

NAME = "import"
EXAMPLE = "endcap import orders-2026-11.csv"


def run(
    orders: Annotated[
        list[str], typer.Argument(help="Files of events: CSV, TSV, JSON lines or Parquet, also .gz or .zst, or globs.")
    ],
    shop: ShopOption = None,
    deduplicate: Annotated[bool, typer.Option(help="Drop rows whose event id was there before.")] = False,
    format: Annotated[str, typer.Option(help="The export it is, where not recognised.", show_default=False)] = "",
    query: Annotated[str, typer.Option(help="What to read from a database, in SQL.", show_default=False)] = "",
    json: JsonOption = False,
) -> None:
    """Add events to a shop; the same rows of the same file again change nothing."""
    done = open_shop(shop).import_events(orders, deduplicate=deduplicate, format=format or None, query=query or None)
    if json:
        print_json(report_import(done, json=True))
        return
    report_import(done)
    out.print("Next: [bold]endcap train[/]")


def report_import(done: Import, *, json: bool = False) -> dict[str, Any]:
    """Say what came in, what was taken for what, and what was set aside."""
    summary = done.summary
    if not json:
        out.print("Columns taken:", style="bold")
        for name, column in summary.mapping.items():
            out.print(f"  {name:<15} from {column}", markup=False)
        known = f", {done.known:,} were there before" if done.known else ""
        out.print(f"Events: {done.new:,} new{known}.")
        if not done.new:
            out.print("[yellow]All of these events were imported before; nothing was changed.[/]")
        for reason, count in summary.counts.items():
            out.print(f"[yellow]Set aside:[/] {count:,} rows, {reason}")
        if done.quarantine is not None:
            out.print(f"The rows set aside are in {done.quarantine}.")
    return {
        "columns": dict(summary.mapping),
        "read": summary.rows_read,
        "new": done.new,
        "known": done.known,
        "set_aside": dict(summary.counts),
        "quarantine": str(done.quarantine) if done.quarantine else None,
    }
