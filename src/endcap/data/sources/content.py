"""What a file holds, told by its first bytes: names lie, and so do shop systems' export buttons."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from endcap.errors import DataError

_SHEET: Final = 'save it as "CSV UTF-8" there (File > Save As)'
_REFUSED: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\xd0\xcf\x11\xe0", "a workbook of Excel 97 (.xls)", _SHEET),
    (b"%PDF", "a PDF document", "export the table itself, as CSV"),
    (b"SQLite format 3\0", "an SQLite database", 'give it as "sqlite:///PATH" with a query'),
    (b"BZh", "compressed with bzip2", "unpack it (bunzip2), or compress it with gzip or zstd"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it (unxz), or compress it with gzip or zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x89PNG", "a picture (PNG)", "export the table itself, as CSV"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "export the table itself, as CSV"),
)
_HTML: Final = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|table|meta|div|script)\b", re.I | re.S)


def kind_of(path: Path, start: bytes, named: str) -> str:
    """Return what a file holds: "csv", "jsonl", "xml" or "parquet".

    Parameters
    ----------
    path
        The file, for messages.
    start
        The first bytes of its text, unpacked.
    named
        What its name says, which counts where its bytes don't tell.

    Raises
    ------
    DataError
        Where it holds something that is no table in a known format.
    """
    what, remedy = _refused(start)
    if what:
        raise DataError(f"{path} is {what}, whatever its name says; {remedy}")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if named != "xml" and _HTML.match(text):
        raise DataError(
            f"{path} is a web page (HTML), not a table: often the page that asks to log in, or an error; open it in a "
            "browser to see, then export again as CSV"
        )
    if start.startswith(b"PAR1"):
        return "parquet"
    if named == "csv":
        if text.startswith(b"<?xml"):
            return "xml"
        if re.match(rb'\{\s*"|\[\s*\{', text):
            return "jsonl"
    return named


def _refused(start: bytes) -> tuple[str, str]:
    if start.startswith(b"PK\x03\x04"):
        if b"xl/" in start or b"[Content_Types].xml" in start:
            return "an Excel workbook (.xlsx)", _SHEET
        if b"opendocument.spreadsheet" in start:
            return "an OpenDocument workbook (.ods)", _SHEET
        return "a zip archive", "unpack it first, or compress the file with gzip or zstd"
    return next(((what, remedy) for magic, what, remedy in _REFUSED if start.startswith(magic)), ("", ""))


def notice(path: Path, kind: str) -> str:
    """Return what is said of a file that is read as something else than its name says."""
    title = {"csv": "CSV", "jsonl": "JSON", "xml": "XML", "parquet": "Parquet"}[kind]
    return f"{path} holds {title}, whatever its name says, and was read as that"
