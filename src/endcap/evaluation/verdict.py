"""What to make of a comparison, in sentences."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

DECISIVE: Final = "excludes_zero"
"""The column of the differences that says whether the interval excludes zero."""


def verdict_lines(
    table: pl.DataFrame, differences: pl.DataFrame, winner: str, simplest_first: list[str], k: int
) -> tuple[str, ...]:
    """Return the verdict on NDCG: who wins, by how much, whether it may be chance, and what wasn't run.

    Parameters
    ----------
    table, differences
        As `endcap.evaluation.comparison.Comparison` holds them.
    winner
        The model with the best NDCG.
    simplest_first
        The models that were run.
    k
        How many items were recommended.
    """
    ndcg = dict(table.filter(pl.col("ndcg").is_not_null()).select("model", "ndcg").iter_rows())
    to = {
        row["versus"]: row
        for row in differences.filter((pl.col("model") == winner) & (pl.col("metric") == "ndcg")).iter_rows(named=True)
    }
    lines = []
    if winner == "Popular":
        lines.append(f"No model beats best-sellers for everyone: Popular has the best NDCG@{k}, {ndcg[winner]:.4f}.")
    lines += [_against(winner, to[b], ndcg[b], k) for b in ("Popular", "BuyAgain") if b in to]
    tied = [name for name in simplest_first if name in to and not to[name][DECISIVE]]
    simpler = [name for name in tied if simplest_first.index(name) < simplest_first.index(winner)]
    if simpler and simpler[0] not in ("Popular", "BuyAgain"):
        ahead = _with_interval(to[simpler[0]])
        lines.append(f"{simpler[0]} is simpler and can't be told apart from it: {winner} is ahead by {ahead}.")
    elif not simpler and tied:
        lines.append(f"Not told apart from {winner}: {', '.join(tied)}.")
    lines += [
        f"{row['model']} was {row['notes']}" for row in table.filter(pl.col("ndcg").is_null()).iter_rows(named=True)
    ]
    return tuple(lines)


def _against(winner: str, row: dict[str, Any], base: float, k: int) -> str:
    gain = f", {row['difference'] / base:+.0%}" if base > 0 else ""
    if row[DECISIVE]:
        return f"{winner} beats {row['versus']} by {_with_interval(row, f' NDCG@{k}')}{gain}."
    return (
        f"{winner} has a higher NDCG@{k} than {row['versus']}, by {_with_interval(row)}{gain}, but that may be chance: "
        f"the interval includes zero, so {row['versus']} is as good a choice."
    )


def _with_interval(row: dict[str, Any], unit: str = "") -> str:
    return f"{row['difference']:.4f}{unit} (95 %: {row['low']:.4f} to {row['high']:.4f})"
