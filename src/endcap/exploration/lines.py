"""The ten lines that matter."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from endcap.exploration.findings import Findings
from endcap.exploration.suggestions import REPEATS_MATTER, Suggestion
from endcap.exploration.words import WEEKDAYS, at_most, count, percent, plain

MOST = 10


def ten_lines(found: Findings, suggestions: Sequence[Suggestion]) -> list[str]:
    """Return the findings in at most ten sentences, the size first, what to try last."""
    lines = [_size(found), _money(found), _shoppers(found), _return(found), _tail(found), _repeats(found)]
    lines += [_together(found), _newcomers(found), _change(found)]
    names = list(dict.fromkeys(name for one in suggestions for name in one.models if name != "Popular"))
    told = [line for line in lines if line]
    if names:
        told.append(f"Worth trying: {', '.join(names[:5])}, against Popular.")
    return told[:MOST]


def _size(found: Findings) -> str:
    size = found.size
    text = f"{count(size.events, 'event')} of {count(size.users, 'shopper')} on {count(size.items, 'product')}"
    if size.first is None or size.last is None:
        return f"{text}, without times."
    return f"{text}, {size.first:%Y-%m-%d} to {size.last:%Y-%m-%d}."


def _money(found: Findings) -> str:
    size, steps = found.size, found.funnel
    parts = []
    if size.orders is not None and size.order_lines is not None:
        parts.append(f"{count(size.orders, 'order')} of {plain(size.order_lines)} products on average")
    if size.revenue is not None:
        parts.append(f"revenue {plain(size.revenue)}")
    if size.order_value is not None:
        parts.append(f"the median order is worth {plain(size.order_value)}")
    if steps is not None:
        last = steps.steps.row(-1, named=True)
        parts.append(f"{percent(last['of_pairs'])} of products looked at were bought by the same shopper")
    return _sentence("; ".join(parts))


def _shoppers(found: Findings) -> str:
    active = found.activity
    most = at_most(int(active.median), _one(found.word), found.word)
    return f"Half of the shoppers have {most}; the most active tenth have {percent(active.top_10_percent)} of all."


def _return(found: Findings) -> str:
    back, months = found.returning, found.cohorts
    if back is None:
        return ""
    text = f"{percent(back.one_time)} of shoppers came on one day only"
    if back.median is not None:
        text += f"; the others come back after {count(round(back.median), 'day')} (median)"
    if months is not None and (later := months.share_after(1)) is not None:
        text += f"; {percent(later)} are back in the month after their first"
    return _sentence(text)


def _tail(found: Findings) -> str:
    tail = found.sellers.tail
    return (
        f"The best-selling 10% of products have {percent(tail.top_10_percent)} of {found.word} (Gini {tail.gini:.2f}); "
        f"{percent(found.sellers.lonely)} were taken by a single shopper."
    )


def _repeats(found: Findings) -> str:
    share = found.repeats.share
    verdict = "remind them of it" if share >= REPEATS_MATTER else "they come for something new"
    return f"{percent(share)} of {found.word} repeat what the same shopper took before: {verdict}."


def _together(found: Findings) -> str:
    pairs = found.together
    if len(pairs.pairs) == 0:
        return f"No pair of products is found together often enough to trust it (in {pairs.needed} {pairs.unit}s)."
    first, second, _, lift, _ = pairs.pairs.row(0)
    names = found.names(pl.Series([first, second]))
    where = "one order" if pairs.unit == "order" else "one shopper's history"
    return (
        f"{pairs.pairs_found:,} pairs of products are found in {where} at least twice as often as by chance, "
        f"the strongest: {names[0]} and {names[1]} ({plain(lift)} times)."
    )


def _newcomers(found: Findings) -> str:
    new = found.newcomers
    if new is None:
        return ""
    return (
        f"Trained anew every {new.period}, a model would not know the shopper of {percent(new.new_users)} of "
        f"{found.word}, nor the product of {percent(new.new_items)}."
    )


def _change(found: Findings) -> str:
    parts = []
    moved, when = found.trends, found.seasons
    if moved is not None:
        parts.append(f"{count(moved.risen, 'product')} rose and {moved.fallen:,} fell in {moved.window.days} days")
    if when is not None:
        best = when.weekdays.sort("a_day", "weekday", descending=[True, False])["weekday"][0]
        parts.append(f"{WEEKDAYS[best - 1]} is the busiest day")
    return _sentence("; ".join(parts))


def _one(word: str) -> str:
    return word.removesuffix("s")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
