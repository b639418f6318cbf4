"""`endcap explore`: the sections about repeats, about what goes together, and about the way from looking to buying."""

from __future__ import annotations

import math
from html import escape

import polars as pl

from endcap.exploration.findings import Findings
from endcap.exploration.funnel import Funnel
from endcap.exploration.together import Together
from endcap.exploration.words import percent
from endcap.report import explore_charts
from endcap.report.html import figure, paragraph, section, table

_STEP_NAMES = {"view_item": "looked at", "add_to_cart": "put into the cart", "purchase": "bought"}
_GROCERY = 0.3
_FURNITURE = 0.05


def repeats_section(found: Findings) -> str:
    """Return how much is taken again, by category."""
    again = found.repeats
    lead = (
        f"{percent(again.share)} of {found.word} repeat a product that the same shopper took before; "
        f"{percent(again.shoppers)} of shoppers ever did so. "
    )
    if again.share >= _GROCERY:
        lead += "That is how groceries sell: what people take regularly is the first thing to recommend."
    elif again.share <= _FURNITURE:
        lead += "That is how furniture sells: what people have is best left out."
    else:
        lead += "That is in between: repeats deserve a place of their own, and new things the others."
    body = paragraph(lead, "lead")
    table_ = again.categories
    if table_ is not None and len(table_) and again.share > 0:
        names = table_["category"].to_list()
        hover = [f"{name}: {percent(share)} of {taken:,}" for name, taken, _, share in table_.iter_rows()]
        top, low = table_.row(0, named=True), table_.row(-1, named=True)
        told = (
            f"Most repeated is {top['category']} ({percent(top['repeats'])}), least {low['category']} "
            f"({percent(low['repeats'])}), of the {len(names)} biggest categories."
        )
        rows = [(n, [f"{t:,}", f"{p:,}", percent(s)]) for n, t, p, s in table_.iter_rows()]
        body += figure(
            explore_charts.rows(names, table_["repeats"].to_list(), hover, across="repeats", colour="--second"),
            "chart-repeats",
            "Repeats by category",
            told,
            told,
            behind=table("Repeats by category", ["Category", found.word, "products", "repeats"], rows),
        )
    return section("repeats", "Grocery or furniture?", body)


def together_section(found: Findings) -> str:
    """Return what is found together."""
    both = found.together
    where = "order" if both.unit == "order" else "shopper"
    lead = (
        f"{percent(both.several)} of {both.units:,} {where}s have several products. Together means in one order."
        if where == "order"
        else f"Orders of several products are rare or unknown. Together means by the same of {both.units:,} shoppers."
    )
    body = paragraph(lead, "lead") + _pairs(both, found, where)
    if both.categories is not None and both.categories["first"].n_unique() > 1:
        body += f'<div class="above">{_categories(both.categories, where)}</div>'
    return section("together", "What goes together", body)


def _pairs(both: Together, found: Findings, where: str) -> str:
    if len(both.pairs) == 0:
        return paragraph(
            f"No pair is found at least twice as often as by chance and in {both.needed} {where}s at least."
        )
    strongest = (
        f"The strongest of {both.pairs_found:,} pairs found in at least {both.needed} {where}s and twice as often as "
        f"by chance, among the {both.products:,} most taken products"
    )
    shown = _pair_table(strongest, both.pairs, found, where)
    if both.across is not None and len(both.across):
        shown += _pair_table("The strongest between products of different categories", both.across, found, where)
    return shown


def _pair_table(caption: str, pairs: pl.DataFrame, found: Findings, where: str) -> str:
    items = pl.concat([pairs["first"], pairs["second"]])
    names = dict(zip(items, found.names(items), strict=True))
    rows = [
        (names[a], [escape(names[b]), f"{n:,}", f"{lift:,.1f}", percent(share)])
        for a, b, n, lift, share in pairs.iter_rows()
    ]
    return table(caption, ["Product", "goes with", f"{where}s", "times chance", "of the first's"], rows, text=[1])


def _categories(lifts: pl.DataFrame, where: str) -> str:
    article = "an order" if where == "order" else "a shopper"
    names = lifts["first"].unique(maintain_order=True).to_list()
    lift = {(a, b): value for a, b, value in lifts.iter_rows()}
    # Logarithms, so that twice as often and half as often are equally far from what chance gives.
    grid = [[math.log2(max(min(lift[a, b], 16), 1 / 16)) for b in names] for a in names]
    text = [[f"with {a}, {b}: {lift[a, b]:.2f} times chance" for b in names] for a in names]
    different = [(value, a, b) for (a, b), value in lift.items() if a != b]
    value, a, b = max(different)
    told = (
        f"Where one product of {article} is from the row's category, how many times more often than usual another one "
        f"is from the column's: blue more, orange less often. Strongest between two: {a} with {b}, {value:.1f} times. "
        "A strong diagonal means that people keep to a category: stay in it on a product's page."
    )
    short = [explore_charts.short(name) for name in names]
    chart = explore_charts.heat(short, short, grid, text, middle=0.0, words_below=True, row_height=30)
    rows = [(a, [f"{lift[a, b]:.2f}" for b in names]) for a in names]
    behind = table("Times chance", ["With", *names], rows)
    return figure(chart, "chart-categories", "Categories that go together", told, told, behind=behind)


def funnel_section(found: Findings) -> str:
    """Return how looking becomes buying."""
    return "" if found.funnel is None else _funnel(found.funnel)


def _funnel(steps: Funnel) -> str:
    rows = list(steps.steps.iter_rows(named=True))
    names = [_STEP_NAMES[row["event"]] for row in rows]
    told = "Of all pairs of a shopper and a product " + names[0] + ", "
    told += " and ".join(
        f"{percent(row['of_pairs'])} were {name}" for name, row in zip(names[1:], rows[1:], strict=True)
    )
    told += (
        f". {percent(steps.unannounced)} of what was {names[-1]} had not been {names[0]} on record. Views are many and "
        "purchases few: use both, views with less weight (event_weights)."
    )
    hover = [f"{row['pairs']:,} pairs by {row['shoppers']:,} shoppers" for row in rows]
    cells = [
        (name, [f"{r['shoppers']:,}", f"{r['pairs']:,}", percent(r["of_pairs"])])
        for name, r in zip(names, rows, strict=True)
    ]
    head = ["Step", "shoppers", "pairs of shopper and product", f"of pairs {names[0]}"]
    chart = explore_charts.rows(
        names, [row["of_pairs"] for row in rows], hover, across=f"share of pairs {names[0]}", colour="--accent"
    )
    return section(
        "funnel",
        "From looking to buying",
        figure(chart, "chart-funnel", "The funnel", told, told, behind=table("The funnel", head, cells)),
    )
