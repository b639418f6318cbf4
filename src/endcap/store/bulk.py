"""Many rows in and out of a database as columns, the fastest way that each driver has."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from endcap.errors import DataError


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def insert(connection: sa.Connection, table: sa.TableClause, frame: pl.DataFrame) -> None:
    """Insert a table's rows: by COPY on PostgreSQL, by one prepared statement on SQLite; times become microseconds."""
    if frame.is_empty():
        return
    names = [column.name for column in table.columns if column.name in frame.columns]
    frame = frame.select(pl.col(names)).with_columns(pl.selectors.datetime().cast(pl.Int64))
    if connection.dialect.name == "sqlite":
        one_row = str(table.insert().compile(dialect=connection.dialect, column_keys=names))
        _driver(connection).executemany(one_row, zip(*(c.to_list() for c in frame.get_columns()), strict=True))
        return
    from psycopg import sql

    for name in frame.select(pl.selectors.string()).columns:
        if frame[name].str.contains("\x00", literal=True).any():
            raise DataError(f"{name} holds a NUL character, which PostgreSQL can't keep; remove it from the file")
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(100_000):
            copy.write(part.write_csv(include_header=False, quote_style="non_numeric").encode())


def read(connection: sa.Connection, query: sa.Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return a query's rows as columns of the types given; times are read from microseconds."""
    stored = {name: pl.Int64() if isinstance(dtype, pl.Datetime) else dtype for name, dtype in schema.items()}
    if connection.dialect.name == "sqlite":
        rows = connection.execute(query).cursor.fetchall()
        columns: Iterable[Any] = zip(*rows, strict=True) if rows else ([] for _ in stored)
        frame = pl.DataFrame(
            [pl.Series(name, list(c), dtype) for (name, dtype), c in zip(stored.items(), columns, strict=True)]
        )
    else:
        compiled = query.compile(dialect=connection.dialect)
        buffer = io.BytesIO()
        with _driver(connection).cursor() as cursor:
            rows_out = f"COPY ({compiled.string}) TO STDOUT (FORMAT csv)"
            with cursor.copy(rows_out, compiled.params) as copy:
                for block in copy:
                    buffer.write(block)
        if not buffer.tell():
            frame = pl.DataFrame(schema=stored)
        else:
            buffer.seek(0)
            frame = pl.read_csv(buffer, has_header=False, schema=stored)
    return frame.cast({name: dtype for name, dtype in schema.items() if isinstance(dtype, pl.Datetime)})


def is_one_of(connection: sa.Connection, column: sa.ColumnElement[Any], values: list[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column is one of many values, as one bound parameter whatever their number."""
    if connection.dialect.name == "sqlite":
        each = sa.func.json_each(sa.bindparam(None, json.dumps(values))).table_valued("value")
        return column.in_(sa.select(each.c.value))
    kind = sa.Text() if values and isinstance(values[0], str) else sa.BigInteger()
    return column == sa.func.any(sa.bindparam(None, values, type_=sa.ARRAY(kind)))
