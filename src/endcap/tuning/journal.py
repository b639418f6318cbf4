"""The trials of a search on disk, so that it can go on after it was killed.

A line of JSON for each trial, written and forced to the disk when it is done. A kill in the middle of a line leaves
a part without an end, which is cut off when the file is opened again; nothing else can be lost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from endcap.errors import DataError, StorageError

_FORMAT: Final = "endcap-search-1"


class Journal:
    """The file of one search.

    Parameters
    ----------
    path
        Made where it isn't there yet.
    search
        What tells this search from others: the data, the model, what is fixed.

    Raises
    ------
    DataError
        Where the file is that of another search, or none at all.
    StorageError
        Where it can't be written.
    """

    def __init__(self, path: str | Path, search: str) -> None:
        self.path = Path(path)
        head = {"format": _FORMAT, "search": search}
        try:
            content = self.path.read_bytes() if self.path.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            lines = self._read(whole)
            if lines and lines[0] != head:
                raise DataError(
                    f"{self.path} is of another search: the data, the model, the seed or what is fixed were others; "
                    "name another file, or remove this one to begin anew"
                )
            self.trials: list[dict[str, Any]] = lines[1:]
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if len(whole) < len(content):
                os.truncate(self.path, len(whole))
        except OSError as error:
            raise StorageError(f"can't use {self.path}: {error.strerror or error}") from error
        if not lines:
            self._append([head])

    def add(self, trials: Iterable[dict[str, Any]]) -> None:
        """Keep some trials, all of them at once."""
        self._append(trials)

    def _read(self, content: bytes) -> list[dict[str, Any]]:
        try:
            lines = [json.loads(line) for line in content.splitlines()]
        except ValueError as error:
            raise DataError(f"{self.path} is damaged, or not the file of a search: {error}") from error
        if lines and not (isinstance(lines[0], dict) and lines[0].get("format") == _FORMAT):
            raise DataError(f"{self.path} is not the file of a search; name another one")
        return lines

    def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        try:
            with self.path.open("ab") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"can't write {self.path}: {error.strerror or error}") from error
