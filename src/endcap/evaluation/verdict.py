"""What to make of a comparison, in sentences."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

DECISIVE: Final = "excludes_zero"
"""The column of the differences that says whether the interval excludes zero."""


BASELINES: Final = ("Popular", "BuyAgain")
"""The simple models that every other one has to beat."""
LEVEL: Final = 0.05
"""Differences of a p-value, after Holm's correction, below this are no chance."""


def told_apart(row: dict[str, Any]) -> bool:
    """Return whether a row of the differences in NDCG is no chance: by its interval, and by the test."""
    return bool(row[DECISIVE]) and row["p_adjusted"] < LEVEL


def proposal(table: pl.DataFrame, differences: pl.DataFrame, winner: str, simplest_first: list[str]) -> str:
    """Return the simplest model that can't be told apart from the winner; `Random` is never proposed."""
    tied = [name for name in _tied(table, differences, winner, simplest_first) if name != "Random"]
    return min([*tied, winner], key=simplest_first.index)


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
    to = _to_others(differences, winner)
    lines = []
    if winner == "Popular":
        lines.append(f"No model beats best-sellers for everyone: Popular has the best NDCG@{k}, {ndcg[winner]:.4f}.")
    lines += [_against(winner, to[b], ndcg[b], k) for b in BASELINES if b in to and not _is_copy(table, b)]
    tied = _tied(table, differences, winner, simplest_first)
    if "Random" in tied:
        lines.append(f"{winner} can't be told apart from random lists: these data are too few to choose a model.")
    others = [name for name in tied if name not in (*BASELINES, "Random") or winner == "Popular"]
    others = [name for name in others if name != "Random"]
    proposed = proposal(table, differences, winner, simplest_first)
    if others:
        ahead = f": {winner} is ahead by {_with_interval(to[others[0]])}" if len(others) == 1 else ""
        lines.append(f"{_listed([winner, *others])} can't be told apart{ahead}.")
    if proposed != winner:
        lines.append(f"{proposed} is the simplest of those that can't be told apart, and is proposed.")
    lines += [
        f"{row['model']} was {row['notes']}" for row in table.filter(pl.col("ndcg").is_null()).iter_rows(named=True)
    ]
    return tuple(lines)


def _to_others(differences: pl.DataFrame, winner: str) -> dict[str, dict[str, Any]]:
    ours = differences.filter((pl.col("model") == winner) & (pl.col("metric") == "ndcg"))
    return {row["versus"]: row for row in ours.iter_rows(named=True)}


def _tied(table: pl.DataFrame, differences: pl.DataFrame, winner: str, simplest_first: list[str]) -> list[str]:
    to = _to_others(differences, winner)
    return [n for n in simplest_first if n in to and not told_apart(to[n]) and not _is_copy(table, n)]


def _is_copy(table: pl.DataFrame, name: str) -> bool:
    """Return whether own repeats are nothing but best-sellers, as where what was had before is excluded."""
    return name == "BuyAgain" and table.filter(pl.col("model") == name)["fallback"].item() == 1


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _against(winner: str, row: dict[str, Any], base: float, k: int) -> str:
    gain = f", {row['difference'] / base:+.0%}" if base > 0 else ""
    if told_apart(row):
        return f"{winner} beats {row['versus']} by {_with_interval(row, f' NDCG@{k}')}{gain}."
    return (
        f"{winner} has a higher NDCG@{k} than {row['versus']}, by {_with_interval(row)}{gain}, but that may be chance "
        f"(p = {row['p_adjusted']:.2g} after Holm's correction): {row['versus']} is as good a choice."
    )


def _with_interval(row: dict[str, Any], unit: str = "") -> str:
    return f"{row['difference']:.4f}{unit} (95 %: {row['low']:.4f} to {row['high']:.4f})"
