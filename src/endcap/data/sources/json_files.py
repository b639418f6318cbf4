"""JSON: an object a line, or one array of objects."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from endcap.data.damage import explain
from endcap.data.sources.base import Source


def open_json(path: Path) -> Source:
    """Open a file of JSON objects; an array is read into memory at once, lines are streamed."""
    with explain(path):
        if _begins(path) == b"[":
            table = pl.read_json(gzip.decompress(path.read_bytes()) if _is_gzip(path) else path)
            return Source(str(path), "jsonl", tuple(table.columns), table.select)
        scan = pl.scan_ndjson(path, infer_schema_length=10_000)
        columns = scan.collect_schema().names()
    read, pieces = readers(scan, path)
    return Source(str(path), "jsonl", tuple(columns), read, scan=pieces)


Read = Callable[[Sequence[str]], pl.DataFrame]
Scan = Callable[[Sequence[str], int], Iterator[pl.DataFrame]]


def readers(scan: pl.LazyFrame, path: Path) -> tuple[Read, Scan]:
    """Return the functions that read columns of a scanned file: as a whole and in pieces."""

    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path):
            return scan.select(names).collect(engine="streaming")

    def pieces(names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        with explain(path):
            yield from scan.select(names).collect_batches(chunk_size=rows, maintain_order=True)

    return read, pieces


def _is_gzip(path: Path) -> bool:
    return path.suffix.lower() in (".gz", ".gzip")


def _begins(path: Path) -> bytes:
    """Return the first character that isn't blank."""
    with gzip.open(path) if _is_gzip(path) else path.open("rb") as file:
        return file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
