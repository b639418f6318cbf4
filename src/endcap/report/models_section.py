"""The part of the page about models: who wins, by how much, how sure that is."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from endcap.evaluation.comparison import METRIC_TITLES, Comparison, Details
from endcap.evaluation.verdict import told_apart
from endcap.report import charts
from endcap.report.html import figure, paragraph, table, with_small

_DRAWN = ("ndcg", "precision", "recall", "hit_rate", "map", "coverage")
_LISTED = ("precision", "recall", "f1", "ndcg", "hit_rate", "map", "coverage")


def headline(comparison: Comparison) -> str:
    """Return the verdict in plain words: a heading, what it means for a shopper, and the figures behind it."""
    k, winner = comparison.details.k, comparison.winner
    precision = dict(comparison.table.select("model", "precision").drop_nulls().iter_rows())
    title = "Best-sellers do best here" if winner == "Popular" else f"{winner} recommends best"
    if winner not in ("Popular", comparison.proposed):
        title = f"{winner} and {comparison.proposed} can't be told apart"
    plain = f"Of {k} products that {winner} recommends, a shopper takes {precision[winner] * k:.1f} afterwards"
    if winner != "Popular" and "Popular" in precision:
        plain += f"; of {k} best-sellers, {precision['Popular'] * k:.1f}"
    verdict = "".join(f"<li>{escape(line)}</li>" for line in comparison.verdict)
    return f"<h1>{escape(title)}</h1>{paragraph(plain + '.', 'plain')}<ul class=verdict>{verdict}</ul>"


def models_section(comparison: Comparison) -> str:
    """Return the comparison as charts and tables."""
    d = comparison.details
    done = comparison.table.filter(pl.col("ndcg").is_not_null())
    parts = [
        "<section aria-labelledby=models><h2 id=models>Models compared</h2>",
        paragraph(
            f"Each model learnt from {_learnt(d)} and recommended {d.k} of {d.train_items:,} "
            f"products to each of {d.users:,} shoppers; right is {_right(d)}. "
            "Dots are averages over shoppers, whiskers their 95 % intervals.",
            "lead",
        ),
        "<div class=grid>",
        *(_metric_chart(done, metric, comparison) for metric in _DRAWN),
        "</div>",
        _table(comparison),
        _notes(comparison.table),
        "</section>",
        _differences(comparison),
    ]
    return "".join(parts)


def _learnt(d: Details) -> str:
    return f"everything up to {_day(d.train_end)}" if d.train_end else "four fifths of the events, drawn by chance,"


def _right(d: Details) -> str:
    return f"what they took from then to {_day(d.test_end)}" if d.test_end else "what they took in the others"


def _who(d: Details) -> str:
    return "visitors whom training doesn't know, given the first half of what they did," if d.visitors else "shoppers"


def _who_not(d: Details) -> str:
    if d.visitors:
        return "shoppers who were there before or had to do with a single product"
    return "shoppers without a history"


def method_section(comparison: Comparison) -> str:
    """Return how the comparison was made."""
    d = comparison.details
    lines = [
        f"Trained on {d.train_events:,} events of {d.train_users:,} shoppers on {d.train_items:,} products; tested on "
        f"{d.test_events:,} events: {d.tested_on}.",
        f"{d.users:,} {_who(d)} were measured, with {d.relevant:,} products to be found. Not measured: "
        f"{d.cold_users:,} {_who_not(d)}"
        + (f", and {d.repeating_users:,} who took nothing new." if d.exclude_seen else "."),
        f"{d.cold_items:,} products of the test weeks had never been taken before. No model can know of them, so the "
        f"{d.cold_pairs:,} times that a measured shopper took one count as missed, for all models alike.",
        d.exclude_seen_reason[:1].upper() + d.exclude_seen_reason[1:] + ".",
        "Precision divides by the length of the list, recall by the number of products to be found; F1 is their "
        "harmonic mean. NDCG and MAP also look at the order, the hit rate at whether anything was right. Coverage is "
        "the share of all products that anybody is recommended.",
        "Intervals: 1,000 bootstrap resamples of shoppers; differences are paired. Coverage: jackknife.",
        "Chance: a paired randomisation test with 10,000 choices of signs, its p-values after Holm's correction for "
        "all comparisons. Two models are told apart where p is below 5 % and the interval excludes zero.",
    ]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    title = "<h2 id=method>How this was measured</h2>"
    return f"<section aria-labelledby=method>{title}<ul class=notes>{items}</ul></section>"


def _metric_chart(done: pl.DataFrame, metric: str, comparison: Comparison) -> str:
    rows = [
        {"name": r["model"], "value": r[metric], "low": r[f"{metric}_low"], "high": r[f"{metric}_high"]}
        for r in done.iter_rows(named=True)
    ]
    title = f"{METRIC_TITLES[metric]}@{comparison.details.k}"
    title = title[:1].upper() + title[1:]
    alt = f"{title}: " + ", ".join(f"{r['name']} {r['value']:.4f}" for r in rows)
    percent = metric in ("hit_rate", "coverage")
    return figure(charts.intervals(rows, highlight=comparison.winner, percent=percent), f"chart-{metric}", title, alt)


def _table(comparison: Comparison) -> str:
    k = comparison.details.k
    head = ["Model", *(METRIC_TITLES[m] for m in _LISTED), "fit", "recommend"]
    rows = [(r["model"], _cells(r)) for r in comparison.table.iter_rows(named=True)]
    return table(
        f"All metrics at {k}, their 95 % intervals below, and the time taken", head, rows, best=comparison.winner
    )


def _cells(row: dict[str, Any]) -> list[str]:
    if row["ndcg"] is None:
        return ["–"] * (len(_LISTED) + 2)
    values = [with_small(f"{row[m]:.4f}", f"{row[f'{m}_low']:.4f}–{row[f'{m}_high']:.4f}") for m in _LISTED]
    return [*values, f"{row['fit_seconds']:.2f} s", f"{row['recommend_seconds']:.2f} s"]


def _notes(rows: pl.DataFrame) -> str:
    notes = [f"{r['model']}: {r['notes']}" for r in rows.iter_rows(named=True) if r["notes"]]
    notes += [
        f"{r['model']}: {r['fallback']:.1%} of what it recommends are best-sellers, for want of evidence"
        for r in rows.iter_rows(named=True)
        if (r["fallback"] or 0) >= 0.001
    ]
    return "<ul class=notes>" + "".join(f"<li>{escape(n)}</li>" for n in notes) + "</ul>" if notes else ""


def _differences(comparison: Comparison) -> str:
    ours = comparison.differences.filter((pl.col("model") == comparison.winner) & (pl.col("metric") == "ndcg"))
    if ours.is_empty():
        return ""
    rows = [
        {"name": f"to {r['versus']}", "value": r["difference"], "low": r["low"], "high": r["high"]}
        for r in ours.sort("difference", descending=True).iter_rows(named=True)
    ]
    k, winner = comparison.details.k, comparison.winner
    chart = figure(
        charts.intervals(rows, highlight="", zero_line=True),
        "chart-differences",
        f"How far {winner} is ahead, in NDCG@{k}",
        "; ".join(f"{r['name']}: {r['value']:+.4f}, {r['low']:+.4f} to {r['high']:+.4f}" for r in rows),
    )
    shown = comparison.differences.filter(pl.col("metric") == "ndcg")
    listed = table(
        f"Paired differences in NDCG@{k}",
        ["Model", "compared to", "difference", "95 % interval", "p (Holm)", "chance?"],
        [
            (
                r["model"],
                [
                    escape(r["versus"]),
                    f"{r['difference']:+.4f}",
                    f"{r['low']:+.4f} to {r['high']:+.4f}",
                    f"{r['p_adjusted']:.2g}",
                    "no" if told_apart(r) else "can't be ruled out",
                ],
            )
            for r in shown.iter_rows(named=True)
        ],
        text=[1],
    )
    lead = (
        "Every model answers for the same shoppers, so what counts is the difference shopper by shopper. Where its "
        "interval doesn't reach zero, chance alone doesn't explain it."
    )
    return (
        "<section aria-labelledby=differences><h2 id=differences>Is the difference real?</h2>"
        f"{paragraph(lead, 'lead')}{chart}{listed}</section>"
    )


def _day(moment: Any) -> str:
    return f"{moment.day} {moment:%B %Y}"
