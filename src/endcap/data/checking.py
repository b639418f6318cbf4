"""The rules that every event must keep, and what is said of one that breaks them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from endcap.data.schema import EVENT, EVENT_ID, ITEM, PRICE, QUANTITY, RATING, TIME, USER
from endcap.data.values import NOTHING, SCIENTIFIC, is_no_time, is_nothing

LARGEST: Final = 1e12
"""No shop sells more pieces in a line, nor at a higher price, in any currency."""
_FIRST_SHOP: Final = datetime(1995, 1, 1)
"""Nobody sold on the web before; where only some rows are older, their dates are stand-ins."""
_ROUNDED: Final = "is rounded, as spreadsheets do to long numbers; export again and format the column as text"
_NUL: Final = "holds NUL bytes: the file was damaged on its way; get it again"
_SCALES: Final = (5.0, 10.0, 100.0)


class Faults:
    """The reason why each row is set aside, if any: the first rule that it breaks."""

    def __init__(self, rows: int) -> None:
        self.reasons: list[str] = []
        self._which: pl.Series | None = None
        self._rows = rows

    def add(self, broken: pl.Series, reason: str) -> None:
        """Set aside, for `reason`, the rows where `broken` is true and nothing else was wrong."""
        if not broken.any():
            return
        broken = broken.fill_null(False)
        if self._which is None:
            self._which = pl.repeat(0, self._rows, dtype=pl.UInt8, eager=True)
        self.reasons.append(reason)
        number = len(self.reasons)
        frame = pl.DataFrame({"which": self._which, "broken": broken})
        self._which = frame.select(
            pl.when((pl.col("which") == 0) & pl.col("broken")).then(pl.lit(number, pl.UInt8)).otherwise(pl.col("which"))
        ).to_series()

    @property
    def which(self) -> pl.Series | None:
        """For each row 0, or one more than the place of its reason in `reasons`; None where all rows are good."""
        return self._which


def check(raw: pl.DataFrame, clean: pl.DataFrame, faults: Faults, now: datetime) -> None:
    """Find the rows whose ids, times, quantities or prices can't be used.

    Parameters
    ----------
    raw, clean
        The columns as the source had them and as they were understood, both under canonical names.
    faults
        Takes what is found.
    now
        The present, naive UTC: what happened more than 24 hours later has a wrong clock.
    """
    for column in (USER, ITEM):
        if clean[column].null_count():
            _check_ids(raw[column], clean[column].is_null(), faults, column)
    if EVENT in raw.columns and clean[EVENT].null_count():
        faults.add(clean[EVENT].is_null(), "event is empty")
    if TIME in clean.columns:
        _check_times(raw[TIME], clean[TIME], faults, now)
    for column in (QUANTITY, PRICE, RATING):
        if column in clean.columns:
            _check_number(raw[column], clean[column], faults)
    if QUANTITY in clean.columns:
        zero = (clean[QUANTITY] == 0) & (clean[EVENT] == "purchase")
        faults.add(zero, "quantity is 0: nothing was bought (a coupon, a correction or a voided line?)")


def _check_ids(raw: pl.Series, missing: pl.Series, faults: Faults, column: str) -> None:
    if raw.dtype == pl.String:
        faults.add(missing & raw.str.contains(NOTHING), f"{column} is a word for no value, such as NULL or None")
        faults.add(missing & raw.str.contains(SCIENTIFIC), f"{column} {_ROUNDED}")
        faults.add(missing & raw.str.contains("\0", literal=True), f"{column} {_NUL}")
    faults.add(missing, f"{column} is empty")


def _check_times(raw: pl.Series, clean: pl.Series, faults: Faults, now: datetime) -> None:
    if clean.null_count():
        empty = is_no_time(raw)
        faults.add(empty, "timestamp is empty")
        faults.add(clean.is_null() & ~empty, "timestamp can't be read, or isn't written as most others are")
    early = clean < _FIRST_SHOP
    if early.any():
        faults.add(clean < datetime(1970, 1, 1), "timestamp is before 1970")
        if (early.sum() or 0) * 2 < len(clean):
            faults.add(early, "timestamp is before 1995, unlike most: a missing date is often written as 1970-01-01")
    faults.add(clean > now + timedelta(days=1), "timestamp is in the future")


def _check_number(raw: pl.Series, clean: pl.Series, faults: Faults) -> None:
    name = clean.name
    if raw.dtype == pl.String and clean.null_count() > raw.null_count():
        faults.add(clean.is_null() & ~is_nothing(raw), f"{name} is not a number")
    if clean.dtype.is_float():
        faults.add(clean.is_nan(), f"{name} is NaN")
        faults.add(clean.is_infinite(), f"{name} is infinite")
    if name == RATING:
        return
    remedy = ' (a return? give such rows the event "refund" and a quantity above 0)' if name == QUANTITY else ""
    faults.add(clean < 0, f"{name} is below 0{remedy}")
    faults.add(clean > LARGEST, f"{name} is above {LARGEST:,.0f}")


def check_ratings(ratings: pl.Series, faults: Faults, scale: tuple[float, float] | None) -> tuple[float, float] | None:
    """Find the ratings outside their scale; return the scale.

    Where `scale` is None, it is the smallest of 0 to 5, 0 to 10 and 0 to 100 that holds 99 % of the ratings.
    """
    if scale is None:
        known = ratings.drop_nulls()
        high = next((one for one in _SCALES if known.is_between(0, one).sum() >= 0.99 * len(known)), None)
        if high is None:
            return None
        scale = (0.0, high)
    low, high = scale
    faults.add(~ratings.is_between(low, high), f"rating is outside its scale of {low:g} to {high:g} (see rating_scale)")
    return scale


def check_repeats(ids: pl.Series, faults: Faults) -> None:
    """Find the rows whose event id an earlier row had."""
    repeated = ~ids.is_first_distinct() & ids.is_not_null()
    faults.add(repeated, f"{EVENT_ID} was there before")
