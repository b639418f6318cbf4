"""A CSV file with broken rows, made readable: rows that can't be read are left out, and named."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from endcap.data.sources.text_files import BadLine, TextFile
from endcap.errors import DataError

_LONGEST: Final = 2000
"""A quoted field that holds more lines than that was never closed."""
_QUOTE: Final = 'a quotation mark is out of place or never closed; inside a quoted field it is written twice ("")'


def mend_csv(file: TextFile, fields: int, separator: str, *, skip: int = 0) -> None:
    """Write a copy of a file that every row of it can be read from, and note what had to be done.

    Quotation marks within fields are kept, separators at a row's end that stand for no column go, and what isn't
    UTF-8 is taken for Windows-1252. Rows with more fields than the header, or with a quotation mark that can't be
    understood, become `BadLine`s.

    Parameters
    ----------
    file
        The file; its copy is read from then on.
    fields
        How many the header has.
    separator
        Between fields.
    skip
        Lines above the header that are no part of the table.

    Raises
    ------
    DataError
        Where half of the rows or more can't be read.
    """
    rows = trailing = 0
    header = False
    bad: list[BadLine] = []
    lines: Iterator[str] = file.lines()
    number = 0
    with file.copy() as out:
        while (line := next(lines, None)) is not None:
            number += 1
            text = line.rstrip("\r\n")
            if number <= skip or not text:
                out.write("\n")
                continue
            taken = 1
            if '"' in text:
                ahead: list[str] = []
                record = _record(line, lines, ahead, fields, separator)
                taken += len(ahead) if record is not None and record[1] else 0
                if record is None or not record[1]:
                    lines = chain(ahead, lines)
                found = None if record is None else record[0]
            else:
                found = text.split(separator)
            if not header:
                header = True
                out.write(line if found is None or taken == 1 else _written(found, separator))
                number += taken - 1
                continue
            rows += 1
            if found is not None and len(found) > fields and not any(map(str.strip, found[fields:])):
                found = found[:fields]
                trailing += 1
            if found is None or len(found) > fields:
                reason = _QUOTE if found is None else _too_many(len(found), fields, separator)
                bad.append(BadLine(number, text, reason))
                out.write("\n" * taken)
            else:
                out.write(_written(found, separator))
            number += taken - 1
    file.mended = True
    file.bad = bad
    if bad and len(bad) * 2 >= rows:
        raise DataError(_refusal(file.name, bad[0]))
    if trailing:
        file.notices.append(
            f"{file.name}: {trailing:,} rows end with more separators than the header, with nothing between them, "
            "which were left out"
        )


def _record(
    line: str, lines: Iterator[str], ahead: list[str], fields: int, separator: str
) -> tuple[list[str], bool] | None:
    """Return the fields of the row that begins with a line, and whether it goes on in those that were taken `ahead`.

    None where its quotation marks can't be understood.
    """
    alone = _parse(line, separator)
    if alone is not None:
        return alone, False
    if line.count('"') % 2:  # a field that goes on in the next lines: up to the one with a closing mark
        for following in islice(lines, _LONGEST):
            ahead.append(following)
            if following.count('"') % 2:
                whole = _parse(line + "".join(ahead), separator)
                if whole is not None and len(whole) == fields:
                    return whole, True
                break
    if '\\"' in line:
        escaped = _parse(line.replace("\\\\", "\\").replace('\\"', '""'), separator)
        if escaped is not None and len(escaped) == fields:
            return escaped, False
    return None


def _parse(text: str, separator: str) -> list[str] | None:
    """Return the fields of one row; None where it isn't one."""
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _written(fields: list[str], separator: str) -> str:
    """Return a row as it is written, on as many lines as it had."""
    quoted = (
        '"' + field.replace('"', '""') + '"' if any(mark in field for mark in (separator, '"', "\n", "\r")) else field
        for field in fields
    )
    return separator.join(quoted) + "\n"


def _too_many(found: int, fields: int, separator: str) -> str:
    remedy = f"put quotes around fields that hold the separator {separator!r}"
    return f"the row has {found} fields, the header {fields}; {remedy}"


def _refusal(name: str, first: BadLine) -> str:
    if first.reason.startswith("the row "):
        return f"{name}: line {first.number}{first.reason.removeprefix('the row')}"
    return f"{name}: line {first.number}: {first.reason}"
