"""The log of decisions: which model was put to use or kept back, when, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from endcap.errors import StorageError

PROMOTED: Final = "promoted"
KEPT: Final = "kept"
ROLLED_BACK: Final = "rolled back"
PINNED: Final = "pinned"
UNPINNED: Final = "unpinned"
REMOVED: Final = "removed"


@dataclass(frozen=True)
class Decision:
    """One decision about a version of the model."""

    at: str
    """When: ISO 8601, UTC."""
    action: str
    """`promoted`, `kept` (for later, the model in use stayed), `rolled back`, `pinned`, `unpinned` or `removed`."""
    version: str | None
    """The version that it is about; None where there were no data to train one on."""
    before: str | None
    """The version in use before it; None where there was none."""
    reason: str
    """In words."""
    checks: list[dict[str, Any]] = field(default_factory=list)
    """What the gate looked at: `name, passed, told`; empty where it wasn't asked."""


class DecisionLog:
    """Decisions as lines of JSON in a file that is only ever appended to.

    A line that a crash left unfinished is no decision: it is passed over when reading, and the next one begins on a
    line of its own.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def append(self, decision: Decision) -> None:
        """Write a decision to the end of the file, and wait until it is on disk.

        Raises
        ------
        StorageError
            Where it can't be written.
        """
        line = json.dumps(asdict(decision), ensure_ascii=False, default=str).encode() + b"\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab+") as file:
                if file.tell() and not self._ends_a_line(file):
                    line = b"\n" + line
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"can't write {self.file}: {error.strerror or error}") from error

    def read(self) -> list[Decision]:
        """Return all decisions, oldest first."""
        try:
            lines = self.file.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(f"can't read {self.file}: {error.strerror or error}") from error
        return _whole(lines)

    @staticmethod
    def _ends_a_line(file: Any) -> bool:
        file.seek(-1, os.SEEK_END)
        return bool(file.read(1) == b"\n")


def _whole(lines: Sequence[bytes]) -> list[Decision]:
    found = []
    for line in lines:
        try:
            found.append(Decision(**json.loads(line)))
        except (ValueError, TypeError):  # empty, or torn by a crash
            continue
    return found
