"""Tables into files."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from endcap.errors import ParameterError
from endcap.files import write_whole


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table in the format that the file's name asks for; lists become text in CSV.

    Raises
    ------
    ParameterError
        Where the name ends in something else than .parquet, .csv or .jsonl.
    StorageError
        Where it can't be written.
    """
    buffer = io.BytesIO()
    if path.suffix == ".parquet":
        table.write_parquet(buffer)
    elif path.suffix == ".csv":
        lists = [c for c, t in table.schema.items() if t == pl.List]
        flat = [pl.col(c).list.eval(pl.element().cast(pl.String)).list.join("|") for c in lists]
        table.with_columns(flat).write_csv(buffer)
    elif path.suffix == ".jsonl":
        table.write_ndjson(buffer)
    else:
        raise ParameterError(f"can't tell the format of {path}: let its name end in .parquet, .csv or .jsonl")
    write_whole(path, buffer.getvalue())
