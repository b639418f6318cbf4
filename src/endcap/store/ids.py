"""Of what type a shop's ids are: text or whole numbers, settled by the first import for good."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa

from endcap.data.schema import ANONYMOUS, ITEM, USER
from endcap.errors import DataError
from endcap.store.meta import get, put

_COLUMNS = {
    USER: (
        ("events", USER), ("events", ANONYMOUS), ("users", USER), ("identities", USER), ("identities", ANONYMOUS)
    ),
    ITEM: (("events", ITEM), ("items", ITEM), ("offers", ITEM)),
}  # fmt: skip


def id_type(connection: sa.Connection, column: str) -> pl.DataType | None:
    """Return the type of a column of ids, None before anything was imported."""
    kind = get(connection, column)
    return None if kind is None else (pl.String() if kind == "text" else pl.Int64())


def settle(connection: sa.Connection, column: str, given: pl.DataType) -> pl.DataType:
    """Return the type of a column of ids; what is given decides where nothing did before.

    Raises
    ------
    DataError
        Where text is given to a shop with numbers, or the reverse.
    """
    wanted: pl.DataType = pl.String() if given == pl.String else pl.Int64()
    stored = id_type(connection, column)
    if stored is None:
        put(connection, column, "text" if wanted == pl.String else "number")
        if wanted != pl.String and connection.dialect.name == "postgresql":
            for table, name in _COLUMNS[column]:
                change = f"ALTER TABLE {table} ALTER COLUMN {name} TYPE BIGINT USING {name}::BIGINT"
                connection.exec_driver_sql(change)
        return wanted
    if stored != wanted:
        kinds = ("text", "numbers") if stored == pl.String else ("numbers", "text")
        raise DataError(
            f"{column} is {kinds[0]} in what was imported before, but {kinds[1]} in this file; "
            "import it into a shop of its own, or change the ids so that all are of one type"
        )
    return stored
