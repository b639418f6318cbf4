"""JSON: an object a line, or one array of objects."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import polars as pl

from endcap.data.damage import explain
from endcap.data.sources.base import Source
from endcap.data.sources.mend_json import mend_lines, unwrap
from endcap.data.sources.text_files import TextFile, beginning
from endcap.errors import DataError

_TO_INFER = 10_000


def open_json(path: Path) -> Source:
    """Open a file of JSON objects; an array is read into memory at once, lines are streamed.

    Where lines are broken, a mended copy without them is read.
    """
    with explain(path):
        file = TextFile(path)
        start = beginning(file.path).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] == b"[":
            return _array(file)
        # an object over several lines, or one that is all there is
        wrapped = (start[1:].lstrip(b" \t")[:1] in (b"\r", b"\n") or len(file.head(2)) == 1) and unwrap(file)
        try:
            columns = _scan(file).collect_schema().names()
        except pl.exceptions.PolarsError:
            if file.mended:
                raise
            wrapped = _mend(file)
            columns = _scan(file).collect_schema().names()

    def read(names: Sequence[str]) -> pl.DataFrame:
        with explain(path):
            try:
                return _scan(file).select(names).collect(engine="streaming")
            except pl.exceptions.PolarsError:
                if file.mended:
                    raise
                mend_lines(file)
            return _scan(file).select(names).collect(engine="streaming")

    def pieces(names: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        done = 0
        with explain(path):
            try:
                for frame in _scan(file).select(names).collect_batches(chunk_size=rows, maintain_order=True):
                    done += len(frame)
                    yield frame
                return
            except pl.exceptions.PolarsError:
                if file.mended:
                    raise
                mend_lines(file)
            # the rows before the damage are the same ones in the copy
            yield from _scan(file).select(names).slice(done).collect_batches(chunk_size=rows, maintain_order=True)

    return Source(str(path), "jsonl", tuple(columns), read, text=file, header_lines=0 if wrapped else 1, scan=pieces)


def _scan(file: TextFile) -> pl.LazyFrame:
    # what was mended is read with care: a type that changes late is seen, too
    return pl.scan_ndjson(file.path, infer_schema_length=None if file.mended else _TO_INFER)


def _mend(file: TextFile) -> bool:
    """Mend what isn't an object a line; return whether it was one object, over several lines."""
    with suppress(DataError):
        if unwrap(file):
            return True
    mend_lines(file)
    return False


def _array(file: TextFile) -> Source:
    packed = file.path.suffix.lower() in (".gz", ".gzip")
    try:
        table = pl.read_json(BytesIO(gzip.decompress(file.path.read_bytes())) if packed else file.path)
    except pl.exceptions.PolarsError:
        unwrap(file)
        table = _scan(file).collect()
    if table.width == 0:
        raise DataError(f"{file.name} has no rows")
    return Source(file.name, "jsonl", tuple(table.columns), table.select, text=file, header_lines=0)
