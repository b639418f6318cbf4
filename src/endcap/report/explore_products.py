"""`endcap explore`: the sections about products, prices, repeats and what goes together."""

from __future__ import annotations

import math
from html import escape

import polars as pl

from endcap.exploration.debuts import Debuts
from endcap.exploration.findings import Findings
from endcap.exploration.funnel import Funnel
from endcap.exploration.prices import Prices
from endcap.exploration.suggestions import EVIDENCE, evidence
from endcap.exploration.together import Together
from endcap.exploration.trends import Trends
from endcap.exploration.words import count, percent, plain
from endcap.report import charts, explore_charts
from endcap.report.html import figure, paragraph, section, table

_STEP_NAMES = {"view_item": "looked at", "add_to_cart": "put into the cart", "purchase": "bought"}
_GROCERY = 0.3
_FURNITURE = 0.05


def products_section(found: Findings) -> str:
    """Return what sells, how unevenly, and how that moves."""
    parts = [_best_sellers(found), '<div class="pair">', _tail(found), _levels(found), "</div>"]
    if found.trends is not None:
        parts.append(_trends(found.trends, found.catalogue.titles, found.word))
    pair = [_debuts(found.debuts, found.word)] if found.debuts is not None and found.debuts.products else []
    pair += [_prices(found.prices, found.word)] if found.prices is not None else []
    if pair:
        parts.append(f'<div class="pair">{"".join(pair)}</div>')
    return section("products", "What sells", "".join(parts))


def _best_sellers(found: Findings) -> str:
    best, titles = found.sellers.best, found.catalogue.titles
    money = "revenue" in best.columns
    head = ["Product", "shoppers", "of all", found.word] + (["revenue"] if money else [])
    rows = [
        (
            titles[row["item"]],
            [
                f"{row['shoppers']:,}",
                percent(row["share"]),
                f"{row['taken']:,}",
                *([plain(row["revenue"])] if money else []),
            ],
        )
        for row in best.iter_rows(named=True)
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


def _trends(moved: Trends, titles: pl.Series, word: str) -> str:
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
        f"and {moved.fallen:,} fell by more than chance, as shares of all {word}, compared to the {days} days before "
        "(5% of these are expected to be chance). Above: the biggest gains, then the biggest losses. Where much moves, "
        "let old events count less and train often."
    )
    lines, rows = [], []
    for item, before, recent, change, p in shown.iter_rows():
        times = "new" if change is None else f"{change:.1f} times the share"
        lines.append((titles[item], before, recent, f"{before:,} → {recent:,} shoppers, {times}"))
        rows.append(
            (titles[item], [f"{before:,}", f"{recent:,}", "new" if change is None else f"{change:.2f}", f"{p:.1g}"])
        )
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
    body = paragraph(lead, "lead") + _pairs(both, found.catalogue.titles, where)
    if both.categories is not None and both.categories["first"].n_unique() > 1:
        body += f'<div class="above">{_categories(both.categories, where)}</div>'
    return section("together", "What goes together", body)


def _pairs(both: Together, titles: pl.Series, where: str) -> str:
    if len(both.pairs) == 0:
        text = f"No pair is found at least twice as often as by chance and in {both.needed} {where}s at least."
        return paragraph(text)
    rows = [
        (titles[a], [escape(str(titles[b])), f"{n:,}", f"{lift:,.1f}", percent(share)])
        for a, b, n, lift, share in both.pairs.iter_rows()
    ]
    caption = (
        f"The strongest of {both.pairs_found:,} pairs found in at least {both.needed} {where}s and twice as often as "
        f"by chance, among the {both.products:,} most taken products"
    )
    return table(caption, ["Product", "goes with", f"{where}s", "times chance", "of the first's"], rows, text=[1])


def _categories(lifts: pl.DataFrame, where: str) -> str:
    names = lifts["first"].unique(maintain_order=True).to_list()
    lift = {(a, b): value for a, b, value in lifts.iter_rows()}
    # Logarithms, so that twice as often and half as often are equally far from what chance gives.
    grid = [[math.log2(max(min(lift[a, b], 16), 1 / 16)) for b in names] for a in names]
    text = [[f"with {a}, {b}: {lift[a, b]:.2f} times chance" for b in names] for a in names]
    different = [(value, a, b) for (a, b), value in lift.items() if a != b]
    value, a, b = max(different)
    told = (
        f"Where one product of a {where} is from the row's category, how many times more often than usual another one "
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
