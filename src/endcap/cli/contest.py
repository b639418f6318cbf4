"""What was tried to find a shop's model, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from endcap.cli.output import out

if TYPE_CHECKING:
    from endcap.automatic.choice import Choice


def print_contest(choice: Choice) -> None:
    """Print a row for each model that was tried: how it did on the past, and why it was there."""
    values = choice.chosen.values
    on = "" if values is None else f" on {len(values):,} shoppers of past weeks"
    out.print(f"Tried{on}, the best first:", style="bold")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("model", "NDCG", "by defaults", "trials", "parameters", "why it was tried"):
        table.add_column(title, justify="right" if title in ("NDCG", "by defaults", "trials") else "left")
    for row in choice.table().iter_rows(named=True):
        parameters = "" if row["model"] == "Blend" else row["parameters"]  # the reason names the parts of a blend
        is_chosen = row["model"] == choice.chosen.name and row["reason"] == choice.chosen.reason
        name = f"[bold green]{escape(row['model'])}[/]" if is_chosen else escape(row["model"])
        why = row["reason"] + (f" (not run: {row['note']})" if row["note"] else "")
        table.add_row(
            name, _number(row["ndcg"]), _number(row["by_defaults"]), str(row["trials"]), escape(parameters), escape(why)
        )
    out.print(table)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
