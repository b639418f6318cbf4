"""Tables in memory: Polars, pandas and Arrow, recognised without importing what isn't there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from endcap.data.sources.base import Source
from endcap.errors import DataError


def is_table(value: Any) -> bool:
    """Return whether `value` is a table in memory that can be read."""
    return isinstance(value, (pl.DataFrame, pl.LazyFrame)) or hasattr(value, "__arrow_c_stream__") or _is_pandas(value)


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "columns")


def open_table(table: Any) -> Source:
    """Open a table in memory.

    Raises
    ------
    DataError
        Where it isn't one.
    """
    if isinstance(table, pl.DataFrame):
        return Source("Polars table", "table", tuple(table.columns), table.select)
    if isinstance(table, pl.LazyFrame):
        names = table.collect_schema().names()
        return Source("Polars table", "table", tuple(names), lambda n: table.select(n).collect(engine="streaming"))
    module = type(table).__module__.partition(".")[0]
    if _is_pandas(table):
        names = [str(name) for name in table.columns]
        return Source("pandas table", "table", tuple(names), lambda n: _from_pandas(table, names, n))
    if module == "pyarrow" and hasattr(table, "column_names"):
        return Source("Arrow table", "table", tuple(table.column_names), lambda n: _frame(table.select(list(n))))
    if hasattr(table, "__arrow_c_stream__"):
        frame = _frame(table)
        return Source("Arrow table", "table", tuple(frame.columns), frame.select)
    raise DataError(
        f"can't read events or items from {type(table).__name__}; give a file, or a table of Polars, pandas or Arrow"
    )


def as_frame(table: Any) -> pl.DataFrame:
    """Return a table in memory as a Polars one, with all its columns.

    Raises
    ------
    DataError
        Where it isn't one.
    """
    if isinstance(table, pl.DataFrame):
        return table
    source = open_table(table)
    return source.read(source.columns)


def _frame(table: Any) -> pl.DataFrame:
    return pl.DataFrame(table)


def _from_pandas(table: Any, own: Sequence[str], names: Iterable[str]) -> pl.DataFrame:
    columns: list[pl.Series] = []
    for name in names:
        values = table.iloc[:, own.index(name)]
        try:
            columns.append(pl.Series(name, values, nan_to_null=True))
        except Exception as error:  # Polars, Arrow and pandas each raise their own kinds
            raise DataError(
                f"pandas table: column {name!r} (dtype {values.dtype}) can't be read; make it text or numbers "
                f"throughout, for example with astype(str) ({error})"
            ) from None
    return pl.DataFrame(columns)
