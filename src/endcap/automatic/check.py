"""One thing that the gate looks at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Check:
    """What was looked at, and what came of it."""

    name: str
    passed: bool
    told: str
    """A sentence with the figures."""
    about: Literal["data", "model"] = "data"
    """What is to blame where it isn't passed: no model learns well from unsound data, but another model may do."""

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)


def failures(checks: list[Check]) -> list[Check]:
    """Return the checks that weren't passed."""
    return [one for one in checks if not one.passed]
