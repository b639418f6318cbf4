"""The part of the page about what an average hides: other metrics, other lengths, and for whom a model is good."""

from __future__ import annotations

from html import escape

import polars as pl

from endcap.evaluation.comparison import METRIC_TITLES, Comparison
from endcap.evaluation.segments import METRIC
from endcap.report.html import paragraph, section, table, with_small

_BEYOND = (
    "auc",
    "new",
    "recall_new",
    "recall_repeat",
    "revenue",
    "revenue_ndcg",
    "diversity",
    "serendipity",
    "novelty",
    "popularity",
    "gini",
    "personalisation",
)
_KINDS = {
    "shoppers": "Shoppers: new (up to 3 products before), occasional, loyal (21 or more)",
    "items": "Products: head, middle and tail, each a third of what was taken",
    "category": "The largest categories",
    "purchase": "First purchases and repeats",
}


def segments_section(comparison: Comparison) -> str:
    """Return every model's figures for parts of the shoppers and of the products; nothing where there are none."""
    found = comparison.segments
    kinds = [kind for kind in _KINDS if (found["kind"] == kind).any()]
    if not kinds:
        return ""
    lead = (
        "The same lists, measured in parts. A figure with a name below it is surely lower than that model's, by the "
        "paired 95 % interval."
    )
    tables = "".join(_segment_table(found.filter(pl.col("kind") == kind), kind, comparison) for kind in kinds)
    return section("segments", "For whom, and for what?", paragraph(lead, "lead") + tables)


def beyond_section(comparison: Comparison) -> str:
    """Return the metrics beyond accuracy, and accuracy at every length where there are several."""
    k, done = comparison.details.k, comparison.table.filter(pl.col("ndcg").is_not_null())
    shown = [m for m in _BEYOND if done[m].null_count() < len(done)]
    rows = [
        (row["model"], ["–" if row[m] is None else f"{row[m]:.4g}" for m in shown])
        for row in done.iter_rows(named=True)
    ]
    parts = table(f"Beyond accuracy, at {k}", ["Model", *(METRIC_TITLES[m] for m in shown)], rows)
    if len(comparison.details.cutoffs) > 1:
        lengths = [str(c) for c in comparison.details.cutoffs]
        ndcg = comparison.by_k.filter(pl.col("metric") == "ndcg").pivot("k", index="model", values="value")
        by_model = {row["model"]: [f"{row[c]:.4f}" for c in lengths] for row in ndcg.iter_rows(named=True)}
        listed = [(name, by_model[name]) for name in done["model"]]
        parts += table("NDCG by the number of products", ["Model", *lengths], listed, best=comparison.winner)
    return section("beyond", "Beyond accuracy", parts)


def _segment_table(found: pl.DataFrame, kind: str, comparison: Comparison) -> str:
    models = [name for name in comparison.table["model"] if name in comparison.models]
    rows = []
    for (name, users, metric), part in found.group_by("segment", "users", "metric", maintain_order=True):
        of = {row["model"]: row for row in part.iter_rows(named=True)}
        best = max(models, key=lambda model: of[model]["value"])
        cells = [f"{users:,}", METRIC[metric]]
        for model in models:
            value, behind = f"{of[model]['value']:.4f}", of[model]["behind"]
            cell = with_small(value, f"behind {behind}") if behind else escape(value)
            cells.append(f"<strong>{cell}</strong>" if model == best else cell)
        rows.append((str(name), cells))
    return table(_KINDS[kind], ["Segment", "shoppers", "metric", *models], rows, text=[2])
