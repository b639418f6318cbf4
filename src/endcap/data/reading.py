"""From what a shop has to checked events: recognise, read, understand, check, set aside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from endcap.data.checking import Faults, check, check_ratings, check_repeats
from endcap.data.columns import NO_COLUMN, OPTIONS, recognise
from endcap.data.event_names import canonical_event, canonical_events
from endcap.data.events import Events
from endcap.data.rows import line_numbers
from endcap.data.schema import EVENT, EVENT_COLUMNS, EVENT_ID, ITEM, PRICE, QUANTITY, RATING, TIME, USER
from endcap.data.sources import PLAIN, REASON, ROW, Source, open_sources
from endcap.data.values import as_ids, as_numbers, as_times
from endcap.errors import DataError


def read_events(
    source: Any,
    *,
    user: str | None = None,
    item: str | None = None,
    time: str | None = None,
    event: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    rating: str | None = None,
    transaction: str | None = None,
    session: str | None = None,
    event_id: str | None = None,
    default_event: str | None = None,
    rating_scale: tuple[float, float] | None = None,
    time_format: str | None = None,
    separator: str | None = None,
    format: str | None = None,
    query: str | None = None,
    deduplicate: bool = False,
    now: datetime | None = None,
) -> Events:
    """Read what shoppers did, check every row, and set aside those that can't be used.

    Parameters
    ----------
    source
        A CSV, TSV, JSON lines or Parquet file (text also .gz or .zst), a pattern such as "orders-*.csv", a Polars
        (also lazy), pandas or Arrow table, the URL of a database, or a list of those; all with the same columns.
    user, item, time, event, quantity, price, rating, transaction, session, event_id
        The source's column of each kind. None recognises it by its name; "none" says that there is none. Users and
        items are needed; where there are sessions and no users, each session is taken for a user. `price` is that of
        one piece, not of the line.
    default_event
        What the rows are where the source has no column of events; None is "rate" where it has ratings and
        "purchase" otherwise.
    rating_scale
        Lowest and highest rating; None takes the smallest of 0 to 5, 0 to 10 and 0 to 100 that holds 99 % of the
        ratings, and checks nothing where none does.
    time_format
        How times are written, in the letters of `strftime`; None finds it. Needed only where no date tells day from
        month.
    separator
        Between the fields of CSV files; None finds it.
    format
        The export that the source is, one of `endcap.data.sources.FORMATS`; None recognises it by its columns unless
        columns are named here; "plain" takes the columns as they are.
    query
        What to read from a database, in its SQL.
    deduplicate
        Set aside rows whose event id an earlier row had. Without it, equal rows are kept: they may be two purchases.
    now
        The present, in UTC; None asks the clock. Rows more than 24 hours later are set aside.

    Raises
    ------
    DataError
        Where the source can't be read, a column is missing or could be one of several, no row is usable, or one
        reason would set aside more than half of the rows: a column was likely mistaken.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> orders = pl.DataFrame({"Customer ID": [7, 8, 7], "SKU": ["a", "b", "b"], "Qty": [1, 2, -1]})
    >>> events = ec.read_events(orders)
    >>> events.frame.columns, len(events), list(events.mapping.values())
    (['user_id', 'item_id', 'event', 'quantity'], 2, ['Customer ID', 'SKU', 'Qty'])
    >>> events.quarantine["row"].to_list()
    [3]
    """
    given = dict(
        zip(
            OPTIONS,
            (user, item, time, event, quantity, price, rating, transaction, session, event_id),
            strict=True,
        )
    )
    sources = _open(source, separator, format, query, given)
    mapping = recognise(sources[0].columns, given, sources[0].name)
    if deduplicate and EVENT_ID not in mapping:
        raise DataError(
            f"{sources[0].name}: deduplicate needs a column of event ids, and none is recognised; name it with "
            'event_id="..." (--event-id on the command line)'
        )
    raw, made, lengths = _read(sources, mapping)
    shown = {column: sources[0].origins.get(own, own) for column, own in mapping.items()}
    text_file = sources[0].format == "csv"
    decimal_comma = text_file and sources[0].separator == ";"
    clean, unknown = _understand(raw, shown, text_file, decimal_comma, time_format)
    if EVENT not in clean.columns:
        kind = canonical_event(default_event or ("rate" if RATING in mapping else "purchase"))
        clean = clean.with_columns(pl.lit(kind).alias(EVENT))
    clean = clean.select(name for name in EVENT_COLUMNS if name in clean.columns)
    faults = Faults(len(clean))
    if made is not None and REASON in made.columns:
        for reason in made[REASON].drop_nulls().unique(maintain_order=True):
            faults.add(made[REASON] == reason, reason)
    moment = now or datetime.now(UTC)
    check(raw, clean, faults, moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment)
    scale = check_ratings(clean[RATING], faults, rating_scale) if RATING in mapping else None
    if deduplicate:
        check_repeats(clean[EVENT_ID], faults)
    good, quarantine = _set_aside(clean, raw, faults, sources, lengths, shown, made)
    return Events(
        frame=good,
        quarantine=quarantine,
        mapping=shown,
        sources=tuple(one.name for one in sources),
        rows_read=len(good) + len(quarantine),
        unknown_events=unknown,
        rating_scale=scale,
    )


def _open(
    source: Any, separator: str | None, format: str | None, query: str | None, given: dict[str, str | None]
) -> list[Source]:
    """Open the source; who names its columns wants it read as it is."""
    named = [f"{OPTIONS[column]}={own!r}" for column, own in given.items() if own not in (None, NO_COLUMN)]
    if named and format not in (None, PLAIN):
        raise DataError(f'the format {format!r} knows its columns; leave out {", ".join(named)}, or format="{format}"')
    return open_sources(source, separator, format=PLAIN if named else format, query=query)


def _read(sources: list[Source], mapping: dict[str, str]) -> tuple[pl.DataFrame, pl.DataFrame | None, list[int]]:
    """Return the columns used, under canonical names; for exports ROW and REASON; and every source's rows."""
    wanted = list(dict.fromkeys(mapping.values()))
    frames = []
    for one in sources:
        for name in wanted:
            if name not in one.columns:
                raise DataError(f"{one.name} has no column {name!r}, which {sources[0].name} has")
        frame = one.read(wanted)
        hidden = [name for name in (ROW, REASON) if name in frame.columns]
        frames.append(frame.select(*(pl.col(mapping[c]).alias(c) for c in mapping), *hidden))
    lengths = [len(frame) for frame in frames]
    if not sum(lengths):
        what = "a header, but no rows" if sources[0].format == "csv" else "no rows"
        if sources[0].export:
            what += " about products"
        raise DataError(f"{sources[0].name} has {what}")
    frames = [frame for frame in frames if len(frame)]
    try:
        frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed", rechunk=True)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"the sources' columns hold different types of values: {error}") from None
    made = frame.select(name for name in (ROW, REASON) if name in frame.columns)
    return frame.select(*mapping), made if made.width else None, lengths


def _understand(
    raw: pl.DataFrame, mapping: dict[str, str], text_file: bool, decimal_comma: bool, time_format: str | None
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the columns as ids, names, numbers and times, and the unknown event names with their rows."""
    unknown: dict[str, int] = {}
    columns: list[pl.Series] = []
    for name, series in zip(raw.columns, raw.get_columns(), strict=True):
        column = series.alias(mapping[name])  # messages name the source's column
        if name == EVENT:
            column, unknown = canonical_events(column)
        elif name == TIME:
            column, _ = as_times(column, time_format)
        elif name in (QUANTITY, PRICE, RATING):
            column = as_numbers(column, decimal_comma)
        else:
            column = as_ids(column, text_file)
        columns.append(column.alias(name))
    return pl.DataFrame(columns), unknown


def _set_aside(
    clean: pl.DataFrame,
    raw: pl.DataFrame,
    faults: Faults,
    sources: list[Source],
    lengths: list[int],
    mapping: dict[str, str],
    made: pl.DataFrame | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the good rows, and the others as the source had them with file, row and reason."""
    which = faults.which
    if which is None:
        return clean, pl.DataFrame()
    at = (which != 0).arg_true()
    bad = raw[at]
    ends = pl.Series("end", lengths).cum_sum()
    file = ends.search_sorted(at, side="right")
    start = pl.Series([0, *ends.to_list()]).gather(file)
    row, blank = line_numbers(sources, file, at - start if made is None else made[ROW][at])
    reasons = pl.Series("reason", faults.reasons).gather(which.gather(at).cast(pl.UInt32) - 1)
    quarantine = bad.select(
        pl.col(c).alias(mapping[c]) for c in dict(zip(mapping.values(), mapping, strict=True)).values()
    )
    quarantine = quarantine.with_columns(
        file=pl.Series("file", [one.name for one in sources]).gather(file), row=row, reason=reasons
    )
    quarantine = quarantine.filter(~blank)  # an empty line is no row
    _refuse_if_most(quarantine, len(clean) - int(blank.sum()), mapping, known_columns=made is not None)
    return clean.filter(which == 0), quarantine


def _refuse_if_most(quarantine: pl.DataFrame, rows: int, mapping: dict[str, str], known_columns: bool) -> None:
    """Raise DataError where one reason takes more than half of the rows, or nothing is left.

    In an export (`known_columns`) no column was mistaken: there, only a source without any good row is refused.
    """
    if quarantine.is_empty():
        if rows:
            return
        raise DataError("the sources hold nothing but empty lines")
    counts = quarantine["reason"].value_counts(sort=True)
    reason, most = counts.row(0)
    if most * 2 <= rows and len(quarantine) < rows:
        return
    first = quarantine.filter(pl.col("reason") == reason).row(0, named=True)
    if known_columns:
        if len(quarantine) == rows:
            raise DataError(f"{first['file']}: none of its {rows:,} rows can be used; row {first['row']}: {reason}")
        return
    column = next((name for name in mapping if reason.startswith(name)), USER)
    shown = first[mapping[column]]
    raise DataError(
        f"{first['file']}: {most:,} of {rows:,} rows can't be used because {reason}; the first is row {first['row']}, "
        f"where column {mapping[column]!r} holds {shown!r}. Was that column meant? Name another with "
        f'{OPTIONS[column]}="..." (--{OPTIONS[column].replace("_", "-")} on the command line)'
        + ("" if column in (USER, ITEM) else f', or use none with {OPTIONS[column]}="{NO_COLUMN}"')
    )
