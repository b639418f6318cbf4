"""Files and patterns of files: which there are, and in which format each is."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from endcap.data.damage import explain
from endcap.data.sources.base import Source
from endcap.data.sources.content import kind_of, notice
from endcap.data.sources.csv_files import open_csv
from endcap.data.sources.json_files import open_json
from endcap.data.sources.movielens import open_movielens
from endcap.data.sources.text_files import beginning
from endcap.errors import DataError

_KINDS: Final[dict[str, str]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".dat": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".xml": "xml", ".rss": "xml", ".atom": "xml",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_COMPRESSIONS: Final = (".gz", ".gzip", ".zst", ".zstd")


def expand(text: str) -> list[Path]:
    """Return the files that a path or a pattern means, sorted."""
    path = Path(text)
    if path.is_dir():
        raise DataError(f"{text} is a folder; name a file in it, or several: {os.path.join(text, '*.csv')!r}")
    if os.path.exists(path) or not glob.has_magic(text):
        return [path]
    found = sorted(Path(name) for name in glob.glob(text, recursive=True) if not os.path.isdir(name))
    if not found:
        raise DataError(f"no file matches {text!r}")
    return found


def first_bytes(path: Path, size: int = 4096) -> bytes:
    """Return the beginning of a file, unpacked; an empty or unreadable one is refused."""
    try:
        start = beginning(path, size)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}{_alike(path)}") from None
    except PermissionError:
        raise DataError(f"no permission to read {path}") from None
    except OSError as error:
        raise DataError(f"can't read {path}: {error.strerror}") from None
    if not start:
        raise DataError(f"{path} is empty")
    return start


def _alike(path: Path) -> str:
    """Return a question that names a file whose name is like one that isn't there."""
    try:
        names = [entry.name for entry in os.scandir(path.parent) if entry.is_file()]
    except OSError:
        return f"; there is no folder {path.parent} either"
    close = difflib.get_close_matches(path.name, names, 1, 0.75)
    return f"; is {str(path.parent / close[0])!r} meant?" if close else ""


def open_file(path: Path, separator: str | None) -> Source:
    """Open a file in the format that its ending names, or in another where its content says so."""
    start = first_bytes(path)
    if (headless := open_movielens(path, start)) is not None:
        return headless
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compressed = bool(suffixes) and suffixes[-1] in _COMPRESSIONS
    suffix = suffixes[-1 - compressed] if len(suffixes) > compressed else ""
    kind = kind_of(path, start, _KINDS.get(suffix, ""))
    if not kind or (compressed and kind == "parquet"):
        endings = ", ".join(_KINDS)
        raise DataError(f"{path}: can't tell the format from the name; it must end in one of {endings} (.gz, .zst)")
    opened = _open(path, kind, "\t" if suffix in (".tsv", ".tab") and separator is None else separator)
    return opened if kind == _KINDS.get(suffix) else replace(opened, remarks=(notice(path, kind),))


def _open(path: Path, kind: str, separator: str | None) -> Source:
    if kind == "csv":
        return open_csv(path, separator)
    if kind == "xml":
        from endcap.data.sources.merchant import open_xml

        return open_xml(path)
    return open_json(path) if kind == "jsonl" else _open_parquet(path)


def _open_parquet(path: Path) -> Source:
    with explain(path):
        scan = pl.scan_parquet(path, glob=False)
        columns = scan.collect_schema().names()

    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path):
            return scan.select(names).collect(engine="streaming")

    def pieces(names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        with explain(path):
            yield from scan.select(names).collect_batches(chunk_size=rows, maintain_order=True)

    return Source(str(path), "parquet", tuple(columns), read, scan=pieces)
