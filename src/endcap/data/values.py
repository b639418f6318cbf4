"""What a column holds: ids, numbers and times made of the text and numbers that shops write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from endcap.data.amounts import plain_amounts
from endcap.errors import DataError

_PLAIN_TIMES: Final = ("%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_DATES: Final = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%a %b %d %Y",
)  # fmt: skip
_FORMATS: Final = (
    *_DATES,
    *(f"{date}{gap}{time}" for date in _DATES for gap in (" ", ", ") for time in _PLAIN_TIMES),
    *(f"%Y-%m-%dT{time}{zone}" for time in _PLAIN_TIMES[:2] for zone in ("", "%z")),
    *(f"%Y-%m-%d %H:%M:%S%.f{zone}" for zone in ("%z", " %z")),
    "%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%dT%H%M%S",
)  # fmt: skip
_SAMPLE: Final = 2000
SINCE: Final = "since 1970"
"""Ends the name of how times are written that count from 1970, such as "seconds since 1970"."""
SPREADSHEET: Final = "days since 1899-12-30"
"""What times are written as that a spreadsheet gave as numbers."""
_DAYS: Final = (34_700, 60_000)
"""1995 to 2064, as a spreadsheet counts."""
_YEAR_FIRST: Final = tuple(one for one in _FORMATS if one.startswith(("%Y-", "%Y/")))
_UNITS: Final = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
"""Below the first number, a time since 1970 counts in a unit of so many microseconds: s, ms, us (ns beyond)."""
_NAMES: Final = {1_000_000: "seconds", 1_000: "milliseconds", 1: "microseconds", 0: "nanoseconds"}


NOTHING: Final = r"^(?:NULL|null|Null|None|NONE|none|NaN|nan|NAN|NaT|\\N|<NA>|#N/A|N/A|n/a|undefined|\(null\))$"
"""Words that programs write where there is no value."""
SCIENTIFIC: Final = r"^-?\d(?:[.,]\d+)?E\+\d{2}$"
"""How spreadsheets write a long number, whose last digits are lost."""
_NO_ID: Final = rf"^\s*$|\x00|{NOTHING}|{SCIENTIFIC}"
_NO_TIME: Final = r"^0000-00-00|^0000/00/00|^00/00/0000"


def is_nothing(column: pl.Series) -> pl.Series:
    """Return where a column as the source has it holds no value: null, blanks, or a word for it."""
    if column.dtype != pl.String:
        return column.is_null()
    text = column.str.strip_chars()
    return column.is_null() | (text == "") | text.str.contains(NOTHING)


def is_no_time(column: pl.Series) -> pl.Series:
    """Return where there is no time: nothing, or a database's date of zeros."""
    return is_nothing(column) | (column.str.contains(_NO_TIME) if column.dtype == pl.String else False)


def as_ids(column: pl.Series, from_text_file: bool) -> pl.Series:
    """Return ids as text or whole numbers; what is empty or no id (see `NOTHING`, `SCIENTIFIC`) becomes null.

    Text files know no types: there, ids that are all whole numbers as a program would write them (no leading zero or
    plus) become Int64, also as tables with gaps write them ("17850.0"). Any other text stays as it is.
    """
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        if from_text_file and (numbers := _whole_numbers(column)).dtype != pl.String:
            return numbers
        missing = column.str.contains(_NO_ID)
        if not missing.any():
            return column
        column = column.to_frame().select(pl.when(~missing).then(pl.first()))[column.name]
        return _whole_numbers(column) if from_text_file else column
    if column.dtype.is_integer():
        if column.dtype in (pl.UInt64, pl.Int128) and (column.max() or 0) > 2**63 - 1:  # type: ignore[operator]
            raise DataError(f"column {column.name!r} holds ids above 2**63 - 1; read it as text")
        return column
    if column.dtype.is_float():
        column = column.fill_nan(None)
        if not (column.drop_nulls() % 1 == 0).all():
            raise DataError(f"column {column.name!r} holds numbers with fractions, which can't be ids")
        if (column.abs().max() or 0) > 2**53:  # type: ignore[operator]
            raise DataError(
                f"column {column.name!r} holds ids above 2**53 as floating point, which has lost their last digits; "
                "read it as text"
            )
        return column.cast(pl.Int64)
    if column.dtype.is_decimal() or column.dtype == pl.Null:
        return column.cast(pl.Int64, strict=False)
    raise DataError(f"column {column.name!r} holds {_kind(column.dtype)}; ids must be text or whole numbers")


def _kind(dtype: pl.DataType) -> str:
    """Return what values of a type are, in words."""
    words = {
        pl.Struct: "nested objects", pl.List: "lists", pl.Array: "lists", pl.Boolean: "true and false",
        pl.Binary: "raw bytes", pl.Date: "dates", pl.Datetime: "times", pl.Duration: "durations",
        pl.Time: "times of day",
    }  # fmt: skip
    return words.get(dtype.base_type(), str(dtype))


def _whole_numbers(column: pl.Series) -> pl.Series:
    """Return text as Int64 where every value is a whole number in its usual spelling."""
    name = column.name
    head = column.head(1000)
    suffix = r"\.0" if head.str.ends_with(".0").any() else ""
    usual = rf"^(0|-?[1-9]\d{{0,17}}){suffix}$"
    if not head.str.contains(usual).all() or not column.str.contains(usual).all():
        return column
    if suffix:
        column = column.str.strip_suffix(".0")
    return column.cast(pl.Int64).alias(name)


def as_numbers(
    column: pl.Series, decimal_comma: bool = False, note: Callable[[str, float], None] | None = None
) -> pl.Series:
    """Return numbers; what is not one becomes null. Whole numbers stay whole.

    Currency signs, thousands and a decimal comma are understood as `endcap.data.amounts` says; `note` is told of the
    first number written so.
    """
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        number = column.cast(pl.Float64, strict=False)
        if number.null_count() > column.null_count():
            plain = plain_amounts(column, decimal_comma)
            better = plain.cast(pl.Float64, strict=False)
            if note is not None and better.null_count() < number.null_count():
                first = (number.is_null() & better.is_not_null()).arg_true()[0]
                note(column[first], better[first])
            column, number = plain, better
        whole = column.cast(pl.Int64, strict=False)
        return whole if whole.null_count() == number.null_count() else number
    if column.dtype.is_decimal() or column.dtype in (pl.Boolean, pl.Null):
        return column.cast(pl.Float64, strict=False)
    if not column.dtype.is_numeric():
        raise DataError(f"column {column.name!r} holds {_kind(column.dtype)}, not numbers")
    return column


def as_times(column: pl.Series, time_format: str | None = None) -> tuple[pl.Series, str]:
    """Return naive UTC times in microseconds, null where there is none, and what they were written as.

    What an earlier part of the column was written as may be given as `time_format`.

    Raises
    ------
    DataError
        Where a date such as 01/02/2011 could be of January or February and no row tells.
    """
    dtype = column.dtype
    if dtype in (pl.Categorical, pl.Enum):
        column, dtype = column.cast(pl.String), pl.String()
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone:
            column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return column.cast(pl.Datetime("us")), "times"
    if dtype == pl.Date:
        return column.cast(pl.Datetime("us")), "dates"
    if dtype == pl.String:
        return _from_text(column.str.strip_chars(), time_format)
    if dtype.is_numeric() or dtype == pl.Null:
        return _from_numbers(column, time_format)
    raise DataError(f"column {column.name!r} holds {_kind(dtype)}, not times")


def _from_text(column: pl.Series, time_format: str | None) -> tuple[pl.Series, str]:
    if time_format is not None and time_format.endswith((SINCE, SPREADSHEET)):
        return _from_numbers(column.cast(pl.Float64, strict=False), time_format)
    if time_format is None:
        sample = column.drop_nulls().head(_SAMPLE)
        numbers = sample.cast(pl.Float64, strict=False)
        written_out = sample.str.contains(r"^(19|20)\d{6}$|^(19|20)\d{12}$")
        if numbers.null_count() * 2 < len(sample) and written_out.sum() * 2 < len(sample):
            return _since_1970(column.cast(pl.Float64, strict=False))
    return _parse(column, time_format)


def _from_numbers(column: pl.Series, time_format: str | None) -> tuple[pl.Series, str]:
    if time_format is not None:
        if time_format == SPREADSHEET:
            return _spreadsheet_days(column)
        if time_format.endswith(SINCE):
            return _since_1970(column, time_format)
        return _parse(column.cast(pl.String), time_format)
    if column.dtype.is_integer() and column.drop_nulls().is_between(19000101, 21001231).all():
        dates, how = _parse(column.cast(pl.String), "%Y%m%d")  # 20101201 is a day, not a second of August 1970
        if dates.null_count() == column.null_count() < len(column):
            return dates, how
    return _since_1970(column)


def _since_1970(column: pl.Series, how: str = "") -> tuple[pl.Series, str]:
    middle = abs(float(column.median() or 0))  # type: ignore[arg-type]
    if not how and _DAYS[0] <= middle <= _DAYS[1] and column.drop_nulls().is_between(*_DAYS).mean() > 0.99:  # type: ignore[operator]
        return _spreadsheet_days(column)
    factor = next((unit for limit, unit in _UNITS if middle < limit), 0)
    if how:
        factor = next(factor for factor, name in _NAMES.items() if how.startswith(name))
    if column.dtype.is_float():
        sane = column.to_frame().select(pl.when(pl.first().is_finite()).then(pl.first()))
        column = sane.to_series()
        micros = column * factor if factor else column / 1000
        whole = micros.round().cast(pl.Int64, strict=False)
    else:
        column = column.cast(pl.Int64, strict=False)
        bound = (2**62) // max(factor, 1)
        column = column.to_frame().select(pl.when(pl.first().is_between(-bound, bound)).then(pl.first())).to_series()
        whole = column * factor if factor else column // 1000
    return whole.cast(pl.Datetime("us")), f"{_NAMES[factor]} {SINCE}"


def _spreadsheet_days(column: pl.Series) -> tuple[pl.Series, str]:
    """Return what a spreadsheet's days mean: 45292.5 is noon of 2024-01-01."""
    days = column.cast(pl.Float64)
    days = days.to_frame().select(pl.when(pl.first().is_between(0, 1e6)).then(pl.first())).to_series()
    seconds = ((days - 25_569) * 86_400).round().cast(pl.Int64, strict=False)  # 25,569 days lie before 1970
    return (seconds * 1_000_000).cast(pl.Datetime("us")), SPREADSHEET


def _parse(column: pl.Series, time_format: str | None) -> tuple[pl.Series, str]:
    zone = column.str.extract(r"\s*(Z|UTC|GMT)$").is_not_null()
    if zone.any():
        column = column.str.replace(r"\s*(Z|UTC|GMT)$", "+00:00")
    if time_format is not None:
        return _year_first(column, _with_format(column, time_format)), time_format
    known = column.drop_nulls().unique(maintain_order=True)
    if known.is_empty():
        return column.cast(pl.Datetime("us"), strict=False), "nothing"
    sample = known.gather_every(max(len(known) // _SAMPLE, 1))
    scores = {one: len(sample) - _with_format(sample, one).null_count() for one in _FORMATS}
    best = max(scores.values())
    ties = [one for one, score in scores.items() if score == best]
    if len(ties) > 1 and best > 0:  # the sample doesn't tell; all the values may
        scores = {one: len(known) - _with_format(known, one).null_count() for one in ties}
        ties = [one for one in ties if scores[one] == max(scores.values())]
        read = {one: _with_format(known, one) for one in ties}
        # formats that read different rows are a mixed file, the first counts; the same row read differently is a doubt
        ties = [ties[0], *(one for one in ties[1:] if (read[one] != read[ties[0]]).any())]
        if len(ties) > 1:
            raise DataError(
                f"column {column.name!r}: {known[0]!r} could be {' or '.join(ties[:3])}, and no row tells; give "
                f'time_format="{ties[0]}"'
            )
    return _year_first(column, _with_format(column, ties[0])), ties[0]


def _year_first(column: pl.Series, times: pl.Series) -> pl.Series:
    """Return the times with those that are written otherwise than most, where the year first leaves no doubt."""
    if times.null_count() == column.null_count():
        return times
    left = column.filter(times.is_null() & column.is_not_null()).unique()
    left = left.filter(left.str.contains(r"^(19|20)\d\d[-/]"))
    if left.is_empty():
        return times
    read = pl.DataFrame([left.alias("text")]).with_columns(
        pl.coalesce(_with_format(left, one) for one in _YEAR_FIRST).alias("time")
    )
    both = pl.DataFrame([column.alias("text"), times.alias("known")]).join(read, on="text", how="left")
    return both.select(pl.coalesce("known", "time").alias(times.name)).to_series()


def _with_format(column: pl.Series, time_format: str) -> pl.Series:
    if not any(part in time_format for part in ("%H", "%I", "%c", "%s", "%T", "%R", "%+")):
        times = column.str.to_date(time_format, strict=False).cast(pl.Datetime("us"))
    else:
        times = column.str.to_datetime(time_format, time_unit="us", strict=False)
        if times.dtype == pl.Datetime("us", "UTC"):
            times = times.dt.replace_time_zone(None)
    if "%Y" in time_format and (times.dt.year() < 100).any():  # %Y takes "10" for the year 10
        times = times.to_frame().select(pl.when(pl.first().dt.year() >= 100).then(pl.first())).to_series()
    return times
