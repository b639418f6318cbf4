"""What events and items can be read from: files in the formats that shops export, and tables in memory."""

from __future__ import annotations

import csv
import glob
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl

from endcap.data.damage import explain
from endcap.errors import DataError

Format = Literal["csv", "jsonl", "parquet", "table"]

_FORMATS: Final[dict[str, Format]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".dat": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_COMPRESSIONS: Final = (".gz", ".gzip", ".zst", ".zstd")
_SEPARATORS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Source:
    """One file or table, not read yet but for its columns' names."""

    name: str
    """The file's path, or the kind of table."""
    format: Format
    columns: tuple[str, ...]
    read: Callable[[Sequence[str]], pl.DataFrame]
    """Read the columns asked for, every row, in order. Text formats give text only."""
    separator: str = ","
    """Between the fields of a CSV file."""


def open_sources(source: Any, separator: str | None = None) -> list[Source]:
    """Return what is to be read, in order: one entry a file or table.

    Parameters
    ----------
    source
        A path, a pattern such as "orders-*.csv", a table (Polars, also lazy; pandas; Arrow), or a list of those.
    separator
        Between the fields of CSV files; None finds it in the first line: comma, semicolon, tab or |.

    Raises
    ------
    DataError
        Where there is nothing to read, or it can't be read.
    """
    if isinstance(source, (list, tuple)):
        if not source:
            raise DataError("there is nothing to read: the list of sources is empty")
        return [one for entry in source for one in open_sources(entry, separator)]
    if isinstance(source, (str, os.PathLike)):
        return [_open_file(path, separator) for path in _expand(os.fspath(source))]
    return [_open_table(source)]


def _expand(text: str) -> list[Path]:
    path = Path(text)
    if path.is_dir():
        raise DataError(f"{text} is a folder; name a file in it, or several: {os.path.join(text, '*.csv')!r}")
    if os.path.exists(path) or not glob.has_magic(text):
        return [path]
    found = sorted(Path(name) for name in glob.glob(text, recursive=True) if not os.path.isdir(name))
    if not found:
        raise DataError(f"no file matches {text!r}")
    return found


def _open_file(path: Path, separator: str | None) -> Source:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compressed = bool(suffixes) and suffixes[-1] in _COMPRESSIONS
    suffix = suffixes[-1 - compressed] if len(suffixes) > compressed else ""
    if suffix not in _FORMATS or (compressed and _FORMATS[suffix] == "parquet"):
        endings = ", ".join(_FORMATS)
        raise DataError(f"{path}: can't tell the format from the name; it must end in one of {endings} (.gz, .zst)")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise DataError(f"{path} is empty")
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except PermissionError:
        raise DataError(f"no permission to read {path}") from None
    except OSError as error:
        raise DataError(f"can't read {path}: {error.strerror}") from None
    open_ = {"csv": _open_csv, "jsonl": _open_jsonl, "parquet": _open_parquet}[_FORMATS[suffix]]
    return open_(path, "\t" if suffix in (".tsv", ".tab") and separator is None else separator)


def _open_csv(path: Path, separator: str | None) -> Source:
    with explain(path):
        first = pl.scan_lines(path).filter(pl.col("line").str.strip_chars() != "").head(20).collect()["line"].to_list()
    if not first:
        raise DataError(f"{path} is empty")
    if "\r" in first[0].rstrip("\r"):
        raise DataError(f"{path}: its lines end with a carriage return alone; save it with line feeds")
    header = first[0].removeprefix("\ufeff")
    chosen = separator or max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
    columns = _fields(first, chosen)
    if len(columns) < 2:
        best = max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
        better = f"; it looks separated by {best!r}" if len(_fields(first, best)) > 1 else ""
        raise DataError(
            f"{path}: only one column found, {header[:80]!r}; fields must be separated by comma, semicolon, tab or |, "
            f'or by the one character given as separator="..."{better}'
        )
    scan = pl.scan_csv(path, separator=chosen, infer_schema=False)

    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path, len(columns), chosen):
            # by place, not by name: Polars renames a column that is named twice
            own = scan.collect_schema().names()
            picked = scan.select(pl.col(own[columns.index(name)]).alias(name) for name in names)
            return picked.collect(engine="streaming")

    return Source(str(path), "csv", tuple(columns), read, chosen)


def _fields(lines: Sequence[str], separator: str) -> list[str]:
    """Return the header's fields; a quoted one may hold the separator, or go on in the next line."""
    lines = [lines[0].removeprefix("\ufeff"), *lines[1:]]
    return next(csv.reader((line + "\n" for line in lines), delimiter=separator), [])


def _open_jsonl(path: Path, _separator: str | None) -> Source:
    with explain(path):
        scan = pl.scan_ndjson(path, infer_schema_length=10_000)
        columns = scan.collect_schema().names()
    return Source(str(path), "jsonl", tuple(columns), _reader(scan, path))


def _open_parquet(path: Path, _separator: str | None) -> Source:
    with explain(path):
        scan = pl.scan_parquet(path, glob=False)
        columns = scan.collect_schema().names()
    return Source(str(path), "parquet", tuple(columns), _reader(scan, path))


def _reader(scan: pl.LazyFrame, path: Path) -> Callable[[Sequence[str]], pl.DataFrame]:
    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path):
            return scan.select(names).collect(engine="streaming")

    return read


def is_table(value: Any) -> bool:
    """Return whether `value` is a table in memory that can be read."""
    return isinstance(value, (pl.DataFrame, pl.LazyFrame)) or hasattr(value, "__arrow_c_stream__") or _is_pandas(value)


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "columns")


def _open_table(table: Any) -> Source:
    """Open a table in memory; pandas and Arrow are recognised without importing them."""
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
