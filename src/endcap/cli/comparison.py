"""A comparison of models in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from endcap.cli.output import out

if TYPE_CHECKING:
    from endcap.evaluation.comparison import Comparison

_SHOWN = ("precision", "recall", "f1", "ndcg", "hit_rate", "map", "coverage")


def print_comparison(comparison: Comparison) -> None:
    """Print a row for each model, each metric with its 95 % interval below it, and the verdict."""
    from endcap.evaluation.comparison import METRIC_TITLES

    details = comparison.details
    out.print(
        f"The best {details.k} of {details.train_items:,} products for each of {details.users:,} shoppers, tested on "
        f"{details.tested_on}; 95 % intervals."
    )
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("model")
    for metric in _SHOWN:
        table.add_column(f"{METRIC_TITLES[metric]}@{details.k}", justify="right")
    table.add_column("train", justify="right")
    table.add_column("recommend", justify="right")
    for row in comparison.table.iter_rows(named=True):
        name = escape(row["model"])
        name = f"[bold green]{name}[/]" if row["model"] == comparison.winner else name
        cells = [_with_interval(row[m], row[f"{m}_low"], row[f"{m}_high"]) for m in _SHOWN]
        table.add_row(name, *cells, _seconds(row["fit_seconds"]), _seconds(row["recommend_seconds"]))
    out.print(table)
    for line in comparison.verdict:
        out.print(line, markup=False)
    for row in comparison.table.filter(comparison.table["notes"] != "").iter_rows(named=True):
        out.print(f"[yellow]{escape(row['model'])}:[/] {escape(row['notes'])}")


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "-"
    text = f"{value:.4f}"
    return f"{text}\n[dim]{low:.3f}-{high:.3f}[/]" if low is not None and high is not None else text


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
