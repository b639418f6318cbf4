"""Where events, items and users come from: files, tables in memory, databases, and the exports of shop systems."""

from __future__ import annotations

import os
from typing import Any, Literal

from endcap.data.sources.base import REASON, ROW, Source, warn_of_damage
from endcap.data.sources.exports import FORMATS, PLAIN, translate
from endcap.data.sources.files import expand, open_file
from endcap.data.sources.sql import is_url, open_query
from endcap.data.sources.tables import as_frame, is_table, open_table
from endcap.errors import DataError

__all__ = ["FORMATS", "PLAIN", "REASON", "ROW", "Source", "as_frame", "is_table", "open_sources", "warn_of_damage"]


def open_sources(
    source: Any,
    separator: str | None = None,
    *,
    what: Literal["events", "items", "users"] = "events",
    format: str | None = None,
    query: str | None = None,
) -> list[Source]:
    """Return what is to be read, in order: one entry a file or table.

    Parameters
    ----------
    source
        A path, a pattern such as "orders-*.csv", a table (Polars, also lazy; pandas; Arrow), a database's URL, or a
        list of those.
    separator
        Between the fields of CSV files; None finds it in the first line: comma, semicolon, tab or |.
    what
        What is wanted of an export that holds several kinds of things.
    format
        The export that it is, one of `FORMATS`; "plain" for a table whose columns are taken as they are; None
        recognises exports by their columns.
    query
        What is read from a database, in its SQL, where `source` is the database's URL.

    Raises
    ------
    DataError
        Where there is nothing to read, it can't be read, or it isn't of the format given.
    """
    if isinstance(source, (list, tuple)):
        if not source:
            raise DataError("there is nothing to read: the list of sources is empty")
        each = (open_sources(entry, separator, what=what, format=format, query=query) for entry in source)
        return [one for several in each for one in several]
    if is_url(source):
        opened = [open_query(source, query)]
    elif isinstance(source, (str, os.PathLike)):
        opened = [open_file(path, separator) for path in expand(os.fspath(source))]
    else:
        opened = [open_table(source)]
    return [translate(one, what, format) for one in opened]
