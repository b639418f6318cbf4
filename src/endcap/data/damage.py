"""What is wrong with a file that couldn't be read, in words that help."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from endcap.errors import DataError

_BLOCK = 1 << 22


@contextmanager
def explain(path: Path, fields: int = 0, separator: str = ",") -> Iterator[None]:
    """Turn what a reader raises over `path` into a DataError that says where the damage is."""
    try:
        yield
    except pl.exceptions.NoDataError:
        raise DataError(f"{path} is empty") from None
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        lowered = text.lower()
        if "utf-8" in lowered or "utf8" in lowered:
            raise _not_utf8(path) from None
        if "more fields" in lowered:
            raise _ragged(path, fields, separator) from None
        if "unexpected end of file" in lowered or "incomplete frame" in lowered:
            raise DataError(f"{path} is cut off: its compressed data end too early; get the file again") from None
        raise DataError(f"{path} can't be read: {text}") from None


def _open(path: Path) -> gzip.GzipFile | None:
    return gzip.open(path, "rb") if path.suffix.lower() in (".gz", ".gzip") else None


def _not_utf8(path: Path) -> DataError:
    remedy = "save it as UTF-8 (in a spreadsheet: CSV UTF-8), or convert it: iconv -f {} -t UTF-8"
    if path.suffix.lower() in (".zst", ".zstd"):
        return DataError(f"{path} is not UTF-8; {remedy.format('WINDOWS-1252')}")
    offset, line = 0, 1
    with _open(path) or path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return DataError(f"{path} is UTF-16, not UTF-8; {remedy.format('UTF-16')}")
        tail = b""
        while block := file.read(_BLOCK):
            data = tail + block
            try:
                data.decode()
                tail = b""
            except UnicodeDecodeError as error:
                if error.reason != "unexpected end of data":
                    line += data.count(b"\n", 0, error.start)
                    return DataError(
                        f"{path} is not UTF-8: byte {data[error.start]:#04x} at offset {offset + error.start} in line "
                        f"{line}; it is likely Windows-1252 (Latin-1): {remedy.format('WINDOWS-1252')}"
                    )
                tail = data[error.start :]
            offset += len(data) - len(tail)
            line += data.count(b"\n", 0, len(data) - len(tail))
    if tail:
        return DataError(
            f"{path} is not UTF-8: it ends within a character, at offset {offset} in line {line}; is it complete?"
        )
    return DataError(f"{path} is not UTF-8; {remedy.format('WINDOWS-1252')}")


def _ragged(path: Path, fields: int, separator: str) -> DataError:
    text = f"{path}: a row has more fields than the header's {fields}"
    if path.suffix.lower() not in (".zst", ".zstd"):
        with _open(path) or path.open("rb") as file:
            rows = csv.reader((line.decode(errors="replace") for line in file), delimiter=separator)
            before = 0
            for row in rows:
                if len(row) > fields:
                    text = f"{path}: line {before + 1} has {len(row)} fields, the header {fields}"
                    break
                before = rows.line_num
    return DataError(f"{text}; put quotes around fields that hold the separator {separator!r}")
