"""Shoppers and what is known of them: a table for models that use attributes."""

from __future__ import annotations

from typing import Any

import polars as pl

from endcap.data.columns import find_column
from endcap.data.schema import ANONYMOUS, USER
from endcap.data.sources import PLAIN, open_sources, warn_of_damage
from endcap.data.values import as_ids
from endcap.errors import DataError


def read_users(
    source: Any,
    *,
    user: str | None = None,
    separator: str | None = None,
    format: str | None = None,
    query: str | None = None,
) -> pl.DataFrame:
    """Read what is known of shoppers, one row a shopper.

    Parameters
    ----------
    source
        As for `endcap.read_events`: a file, a pattern, a table, or a list of those.
    user
        The source's column of shoppers' ids; None recognises it by its name.
    separator
        Between the fields of CSV files; None finds it.
    format
        As for `endcap.read_events`: the export that the source is.
    query
        As for `endcap.read_events`: what to read from a database.

    Returns
    -------
    `user_id`, then every other column under its own name. Ids are as `read_events` gives them. Rows without an id are
    left out, and of rows with the same id the last counts.

    Raises
    ------
    DataError
        Where the source can't be read or no column is recognised as the ids.

    Warns
    -----
    DataWarning
        Where lines of a damaged file are left out, or what isn't UTF-8 had to be converted.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.data.users import read_users
    >>> read_users(pl.DataFrame({"Customer ID": [7, 8, 7], "city": ["Rome", "Oslo", "Bari"]})).rows()
    [(8, 'Oslo'), (7, 'Bari')]
    """
    sources = open_sources(
        source, separator, what="users", format=PLAIN if user and format is None else format, query=query
    )
    first = sources[0]
    names = [name for name in dict.fromkeys(first.columns) if name]
    own = user if user is not None else find_column(USER, names, first.name)
    if own not in names:
        given = f"has no column {own!r}" if own else "no column is recognised as the users' ids"
        raise DataError(f'{first.name}: {given}; it has {", ".join(map(repr, names))}; name one with user="..."')
    frame = pl.concat([one.read(names).select(names) for one in sources], how="vertical_relaxed")
    warn_of_damage(sources)
    ids = as_ids(frame[own], first.format == "csv")
    frame = frame.select(ids.alias(USER), *(name for name in names if name not in (own, USER)))
    return frame.filter(pl.col(USER).is_not_null()).unique(USER, keep="last", maintain_order=True)


def read_identities(source: Any) -> pl.DataFrame:
    """Read which visitors turned out to be which users.

    Parameters
    ----------
    source
        As for `endcap.read_events`: a file, a pattern, a table, or a list of those, with a column of visitors' ids
        (`anonymous_id`, `cookie_id` and the like) and one of users'.

    Returns
    -------
    `anonymous_id, user_id`, without the rows where either is missing.

    Raises
    ------
    DataError
        Where the source can't be read or lacks one of the columns.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.data.users import read_identities
    >>> read_identities(pl.DataFrame({"cookie_id": ["c1", "c2"], "customer_id": ["ann", None]})).rows()
    [('c1', 'ann')]
    """
    frames = []
    for one in open_sources(source, None, what="users", format=PLAIN):
        columns: dict[str, str] = {}
        for column in (ANONYMOUS, USER):
            rest = [name for name in one.columns if name not in columns.values()]
            found = find_column(column, rest, one.name)
            if found is None:
                listed = ", ".join(map(repr, one.columns))
                raise DataError(f"{one.name}: no column is recognised as {column} among {listed}; name it {column}")
            columns[column] = found
        frame = one.read(list(columns.values()))
        frames.append(frame.select(as_ids(frame[own], one.format == "csv").alias(c) for c, own in columns.items()))
    return pl.concat(frames, how="vertical_relaxed").drop_nulls()
