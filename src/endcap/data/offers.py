"""The history of offers: what products cost, and whether they were to be had, from when on."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from endcap.data.columns import find_column
from endcap.data.items import as_item_column, recognise_item_columns
from endcap.data.schema import ITEM, TIME
from endcap.data.sources import PLAIN, open_sources
from endcap.data.values import as_ids, as_times
from endcap.errors import DataError

AT: Final = "at"
OFFER_COLUMNS: Final = ("price", "sale_price", "availability")
"""What changes from day to day."""


def read_offers(source: Any) -> pl.DataFrame:
    """Read prices and availability of products over time, a row a change.

    Parameters
    ----------
    source
        As for `endcap.read_events`: a file, a pattern, a table, or a list of those, with a column of item ids, one
        called `at` (or as times of events are), and at least one of `price`, `sale_price` and `availability`.

    Returns
    -------
    `item_id, at`, the three columns as far as the source has them; rows without an id or a time are left out. Times are
    in UTC; prices and availability are as `endcap.read_items` gives them.

    Raises
    ------
    DataError
        Where the source can't be read or lacks one of the columns.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.data.offers import read_offers
    >>> read_offers(pl.DataFrame({"sku": ["a"], "date": ["2026-01-31"], "price": ["9.95 EUR"]})).rows()
    [('a', datetime.datetime(2026, 1, 31, 0, 0), 9.95)]
    """
    frames = []
    for one in open_sources(source, None, what="items", format=PLAIN):
        names = [name for name in dict.fromkeys(one.columns) if name]
        found = recognise_item_columns(names, None)
        columns = {name: own for name, own in found.items() if name in (ITEM, *OFFER_COLUMNS)}
        time = AT if AT in names else find_column(TIME, [n for n in names if n not in columns.values()], one.name)
        if ITEM not in columns or time is None or len(columns) == 1:
            listed = ", ".join(map(repr, names))
            raise DataError(
                f"{one.name}: a history of prices needs the columns item_id, at, and price, sale_price or "
                f"availability; it has {listed}"
            )
        frame = one.read([time, *columns.values()])
        given = {
            ITEM: as_ids(frame[columns.pop(ITEM)], one.format == "csv"),
            AT: as_times(frame[time])[0],
            **{name: as_item_column(name, frame[own]) for name, own in columns.items()},
        }
        frames.append(pl.DataFrame([column.alias(name) for name, column in given.items()]))
    return pl.concat(frames, how="diagonal_relaxed").drop_nulls([ITEM, AT])
