"""A file of JSON that isn't quite right, made readable: lines that are no objects are left out, and named."""

from __future__ import annotations

import json
from typing import Any, Final

from endcap.data.sources.text_files import BadLine, TextFile
from endcap.errors import DataError

_REMEDY: Final = "export it again, an object a line"
_WHOLE: Final = 1 << 28
"""A file that isn't an object a line is read into memory as a whole up to so many bytes."""


_WRAPPERS: Final = ("data", "orders", "events", "results", "rows", "records", "interactions", "purchases", "ratings")
"""Under which names interfaces return their rows, beside how many there are and where the next page is."""


def mend_lines(file: TextFile) -> None:
    """Write a copy with the lines that are objects, and note the others.

    Raises
    ------
    DataError
        Where half of the lines or more are none.
    """
    bad: list[BadLine] = []
    rows = 0
    with file.copy() as out:
        for number, line in enumerate(file.lines(), 1):
            text = line.strip()
            made = _object(text) if text else ""
            rows += bool(text)
            if made is None:
                bad.append(BadLine(number, text, f"the line is no JSON object; {_REMEDY}"))
            out.write((made or "") + "\n")
    file.mended = True
    file.bad = bad
    if bad and len(bad) * 2 >= rows:
        raise DataError(f"{file.name} can't be read: line {bad[0].number} is no JSON object; {_REMEDY}")


def _object(text: str) -> str | None:
    """Return a line that holds an object, with null in place of NaN; None where it holds none."""
    strange: list[str] = []

    def null(word: str) -> None:
        strange.append(word)

    try:
        value = json.loads(text, parse_constant=null)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return json.dumps(value) if strange else text


def unwrap(file: TextFile) -> bool:
    """Write a copy with an object a line, where the file is an array of objects, or one object that holds one.

    Returns
    -------
    False where it isn't one piece of JSON: it may be an object a line.

    Raises
    ------
    DataError
        Where it is one piece of JSON that is broken, or holds no rows.
    """
    if file.path.stat().st_size > _WHOLE:
        return False
    text = "".join(file.lines())
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # something whole, and more after it
            return False
        raise DataError(
            f"{file.name} can't be read: its JSON is broken in line {error.lineno}, column {error.colno} "
            f"({error.msg.lower()}); get the file again, or export it as an object a line"
        ) from None
    rows = value
    if isinstance(value, dict):
        key = next(
            (key for key, one in value.items() if _is_table(one) and (len(value) == 1 or key in _WRAPPERS)), None
        )
        if key is None:
            rows = [value]
        else:
            rows = value[key]
            file.notices.append(f"{file.name} is one JSON object; its rows are those of {key!r}")
    if not _is_table(rows):
        raise DataError(f"{file.name} holds no JSON objects; it must be one a line, or an array of them")
    with file.copy() as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    file.mended = True
    return True


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
