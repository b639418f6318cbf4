"""Any database that SQLAlchemy speaks to: a URL and a query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import polars as pl

from endcap.data.sources.base import Source
from endcap.errors import DataError

_BATCH: Final = 50_000
_URL: Final = re.compile(r"^[a-zA-Z][\w+.-]*://")


def is_url(source: object) -> bool:
    """Return whether `source` is the URL of a database."""
    return isinstance(source, str) and _URL.match(source) is not None


def open_query(url: str, query: str | None) -> Source:
    """Open what a query returns; the rows are fetched in batches, and the password is in no message.

    Raises
    ------
    DataError
        Where there is no query, the database can't be reached, or the query fails.
    """
    try:
        import sqlalchemy
    except ModuleNotFoundError:
        raise DataError('reading from a database needs SQLAlchemy: pip install "endcap[sql]"') from None
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    except ModuleNotFoundError as error:
        raise DataError(f"reading from this database needs its driver: pip install {error.name}") from None
    except sqlalchemy.exc.ArgumentError:
        raise DataError(f"no database is known by the scheme {url.partition(':')[0]!r}") from None
    name = engine.url.render_as_string(hide_password=True)
    if not query or not query.strip():
        raise DataError(f'{name}: say what to read: query="select ..." (--query on the command line)')
    try:
        columns, rows = _run(engine, query)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise DataError(f"{name}: {_first_line(error)}") from None
    pending: list[Iterator[pl.DataFrame]] = [rows]  # the open query serves the first reading, others ask again

    def read(names: Sequence[str]) -> pl.DataFrame:
        try:
            frames = list(pending.pop() if pending else _run(engine, query)[1])
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise DataError(f"{name}: {_first_line(error)}") from None
        if not frames:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        return pl.concat([frame.select(names) for frame in frames], how="vertical_relaxed")

    return Source(name, "table", columns, read)


def _run(engine: Any, query: str) -> tuple[tuple[str, ...], Iterator[pl.DataFrame]]:
    """Return the columns' names, and the rows in batches."""
    from sqlalchemy import text

    connection = engine.connect().execution_options(stream_results=True, yield_per=_BATCH)
    try:
        result = connection.execute(text(query.replace(":", r"\:")))
        columns = tuple(result.keys())
    except BaseException:
        connection.close()
        raise

    def batches() -> Iterator[pl.DataFrame]:
        with connection:  # closing takes back whatever the query may have changed
            for rows in result.partitions():
                values = zip(*rows, strict=True)
                yield pl.DataFrame([_series(name, list(column)) for name, column in zip(columns, values, strict=True)])

    return columns, batches()


def _series(name: str, values: list[Any]) -> pl.Series:
    if any(isinstance(value, UUID) for value in values):
        values = [None if value is None else str(value) for value in values]
    return pl.Series(name, values, strict=False)


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
