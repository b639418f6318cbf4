"""Files and patterns of files: which there are, and in which format each is."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Final

import polars as pl

from endcap.data.damage import explain
from endcap.data.sources.base import Source
from endcap.data.sources.csv_files import open_csv
from endcap.data.sources.json_files import open_json, readers
from endcap.data.sources.movielens import open_movielens
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
    """Return the beginning of a file; an empty or unreadable one is refused."""
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except PermissionError:
        raise DataError(f"no permission to read {path}") from None
    except OSError as error:
        raise DataError(f"can't read {path}: {error.strerror}") from None
    if not start:
        raise DataError(f"{path} is empty")
    return start


def open_file(path: Path, separator: str | None) -> Source:
    """Open a file in the format that its ending names."""
    start = first_bytes(path)
    if (headless := open_movielens(path, start)) is not None:
        return headless
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compressed = bool(suffixes) and suffixes[-1] in _COMPRESSIONS
    suffix = suffixes[-1 - compressed] if len(suffixes) > compressed else ""
    if suffix not in _KINDS or (compressed and _KINDS[suffix] == "parquet"):
        endings = ", ".join(_KINDS)
        raise DataError(f"{path}: can't tell the format from the name; it must end in one of {endings} (.gz, .zst)")
    if _KINDS[suffix] == "csv":
        return open_csv(path, "\t" if suffix in (".tsv", ".tab") and separator is None else separator)
    if _KINDS[suffix] == "xml":
        from endcap.data.sources.merchant import open_xml

        return open_xml(path)
    return open_json(path) if _KINDS[suffix] == "jsonl" else _open_parquet(path)


def _open_parquet(path: Path) -> Source:
    with explain(path):
        scan = pl.scan_parquet(path, glob=False)
        columns = scan.collect_schema().names()
    read, pieces = readers(scan, path)
    return Source(str(path), "parquet", tuple(columns), read, scan=pieces)
