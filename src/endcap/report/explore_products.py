"""`endcap explore`: the section about products and prices."""

from __future__ import annotations

from html import escape

import polars as pl

from endcap.exploration.debuts import Debuts
from endcap.exploration.findings import Findings
from endcap.exploration.prices import Prices
from endcap.exploration.suggestions import EVIDENCE, evidence
from endcap.exploration.trends import Trends
from endcap.exploration.words import count, percent, plain
from endcap.report import charts, explore_charts
from endcap.report.html import figure, section, table


def products_section(found: Findings) -> str:
    """Return what sells, how unevenly, and how that moves."""
    parts = [_best_sellers(found), '<div class="pair">', _tail(found), _levels(found), "</div>"]
    if found.trends is not None:
        parts.append(_trends(found.trends, found))
    pair = [_debuts(found.debuts, found.word)] if found.debuts is not None and found.debuts.products else []
    pair += [_prices(found.prices, found.word)] if found.prices is not None else []
    if pair:
        parts.append(f'<div class="pair">{"".join(pair)}</div>')
    return section("products", "What sells", "".join(parts))


def _best_sellers(found: Findings) -> str:
    best = found.sellers.best
    money = "revenue" in best.columns
    head = ["Product", "shoppers", "of all", found.word] + (["revenue"] if money else [])
    rows = [
        (
            name,
            [
                f"{row['shoppers']:,}",
                percent(row["share"]),
                f"{row['taken']:,}",
                *([plain(row["revenue"])] if money else []),
            ],
        )
        for name, row in zip(found.names(best["item"]), best.iter_rows(named=True), strict=True)
    ]
    return table("Best-sellers: what most shoppers took", head, rows)


def _tail(found: Findings) -> str:
    tail = found.sellers.tail
    told = (
        f"The best-selling 1% of products have {percent(tail.top_1_percent)} of {found.word}, 10% have "
        f"{percent(tail.top_10_percent)} (Gini {tail.gini:.2f}; dotted: if all sold alike). The steeper, the harder "
        "best-sellers are to beat, and the more there is to discover beyond them."
    )
    parts = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
    rows = [(percent(part), [percent(tail.share(part))]) for part in parts]
    return figure(
        charts.long_tail(tail, found.word),
        "chart-tail",
        "The long tail",
        told,
        told,
        behind=table("Share of the best-selling products", ["Best-selling", f"share of {found.word}"], rows),
    )


def _levels(found: Findings) -> str:
    levels = found.sellers.levels
    known = levels.filter(pl.col("shoppers") == EVIDENCE).row(0, named=True)
    told = (
        f"At least {EVIDENCE} shoppers had to do with {percent(known['products_share'])} of products; these have "
        f"{percent(evidence(found))} of {found.word}. Of all pairs of a shopper and a product, "
        f"{percent(found.sellers.density)} occur. About the other products, behaviour alone says little: there, "
        "categories and text must help."
    )
    names = [f"{n:,}" for n in levels["shoppers"]]
    series = [
        ("of products", levels["products_share"].to_list(), "--second"),
        (f"of {found.word}", levels["taken_share"].to_list(), "--accent"),
    ]
    chart = explore_charts.lines(
        names,
        series,
        "%{y:.1%} %{fullData.name} with at least %{x} shoppers",
        across="shoppers of the product, at least",
        up="share",
        percent=True,
        dots=True,
    )
    chart["layout"]["xaxis"]["type"] = "category"
    rows = [
        (name, [f"{n:,}", percent(a), percent(b)])
        for name, n, a, b in zip(names, levels["products"], series[0][1], series[1][1], strict=True)
    ]
    head = ["At least so many shoppers", "products", "of products", f"of {found.word}"]
    behind = table("Evidence about products", head, rows)
    return figure(chart, "chart-levels", "How much is known about products", told, told, behind=behind)


def _trends(moved: Trends, found: Findings) -> str:
    days = moved.window.days
    shown = pl.concat([moved.rising, moved.falling])
    title = f"Rising and falling in the last {days} days"
    if len(shown) == 0:
        text = (
            f"None of {count(moved.tested, 'product')} with enough shoppers to tell rose or fell by more than chance "
            f"compared to the {days} days before."
        )
        return f'<div class="above"><figure><h3>{title}</h3><figcaption>{escape(text)}</figcaption></figure></div>'
    told = (
        f"Of {count(moved.tested, 'product')} with at least 10 shoppers in both times together, {moved.risen:,} rose "
        f"and {moved.fallen:,} fell by more than chance, as shares of all {found.word}, compared to the {days} days "
        "before (5% of these are expected to be chance). Above: the biggest gains, then the biggest losses. Where much "
        "moves, let old events count less and train often."
    )
    lines, rows = [], []
    for name, (_, before, recent, change, p) in zip(found.names(shown["item"]), shown.iter_rows(), strict=True):
        times = "new" if change is None else f"{change:.1f} times the share"
        lines.append((name, before, recent, f"{before:,} → {recent:,} shoppers, {times}"))
        rows.append((name, [f"{before:,}", f"{recent:,}", "new" if change is None else f"{change:.2f}", f"{p:.1g}"]))
    chart = explore_charts.moves(lines, before=f"{days} days before", after=f"last {days} days", across="shoppers")
    head = ["Product", "shoppers before", "recently", "change of share", "chance (p)"]
    return (
        f'<div class="above">{figure(chart, "chart-trends", title, told, told, behind=table(title, head, rows))}</div>'
    )


def _debuts(new: Debuts, word: str) -> str:
    weeks = new.weeks["week"].to_list()
    last = new.weeks["selling"][-1]
    told = (
        f"Of {count(new.products, 'product')} first taken after {new.since:%Y-%m-%d}, {percent(last)} are still taken "
        f"in week {weeks[-1]} of their life, and {percent(new.found)} reach five shoppers by then. Products younger "
        f"than four weeks have {percent(new.young)} of {word}: "
        + ("a place for new arrivals pays." if new.young >= 0.05 else "most of what sells is known for long.")
    )
    rows = [(str(w), [percent(s), plain(t)]) for w, s, t in new.weeks.iter_rows()]
    chart = explore_charts.lines(
        weeks[1:],
        [("taken", new.weeks["selling"].to_list()[1:], "--accent")],
        "week %{x}: %{y:.1%} are taken",
        across="week after the first time",
        up="share of new products taken",
        percent=True,
        dots=True,
    )
    chart["layout"]["xaxis"]["dtick"] = 1
    head = ["Week of life", "taken at all", f"{word} each"]
    return figure(
        chart, "chart-debuts", "What becomes of new products", told, told, behind=table("New products", head, rows)
    )


def _prices(paid: Prices, word: str) -> str:
    names = [f"{plain(low)} to {plain(high)}" for low, high in paid.bands.select("low", "high").iter_rows()]
    if len(names) > 1:
        names[0], names[-1] = f"to {plain(paid.bands['high'][0])}", f"from {plain(paid.bands['low'][-1])}"
    told = f"Half of {word} cost {plain(paid.median)} or less."
    if paid.loyalty is not None:
        told += (
            f" {percent(paid.loyalty)} of the differences in price lie between shoppers, the rest within one's own: "
        )
        told += (
            "people keep to a level of prices, so it tells what to show them."
            if paid.loyalty >= 0.2
            else "people buy across prices, so price says little about who wants what."
        )
    series = [
        (f"of {word}", paid.bands["taken_share"].to_list(), "--second"),
        ("of revenue", paid.bands["revenue_share"].to_list(), "--accent"),
    ]
    chart = explore_charts.lines(
        names, series, "%{x}: %{y:.0%} %{fullData.name}", across="price of a piece", up="share", percent=True, dots=True
    )
    for trace, (_, _, colour) in zip(chart["data"], series, strict=True):
        trace.pop("mode"), trace.pop("line")
        trace |= {"type": "bar", "marker": {"color": colour}}
    chart["layout"]["xaxis"] |= {"type": "category", "tickangle": -30}
    rows = [
        (
            name,
            [
                f"{r['products']:,}",
                f"{r['taken']:,}",
                percent(r["taken_share"]),
                plain(r["revenue"]),
                percent(r["revenue_share"]),
            ],
        )
        for name, r in zip(names, paid.bands.iter_rows(named=True), strict=True)
    ]
    head = ["Price of a piece", "products", word, "of all", "revenue", "of all"]
    return figure(chart, "chart-prices", "Price bands", told, told, behind=table("Price bands", head, rows))
