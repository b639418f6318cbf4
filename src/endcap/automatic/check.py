"""One thing that the gate looks at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

_POINTS_MORE: Final = 0.1


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


def is_usual(share: float, before: float) -> bool:
    """Return whether a share has grown by no more than chance and the seasons let it.

    It may double, and take half of what was left to the others, whichever is less; or grow by ten points.

    Examples
    --------
    >>> from endcap.automatic.check import is_usual
    >>> is_usual(0.2, 0.13), is_usual(0.3, 0.13), is_usual(0.75, 0.6), is_usual(0.95, 0.6)
    (True, False, True, False)
    """
    return share <= max(before + _POINTS_MORE, min(2 * before, (1 + before) / 2))
