"""What a monitor found: a figure, how that is judged, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

State = Literal["fine", "warn", "alarm", "unknown"]
"""`unknown`: too little to say."""
WORSE: Final[tuple[State, ...]] = ("unknown", "fine", "warn", "alarm")
"""From good to bad."""


@dataclass(frozen=True)
class Bounds:
    """From which figure on a monitor warns, and from which it raises an alarm."""

    warn: float
    alarm: float
    low_is_bad: bool = False

    def judge(self, figure: float) -> State:
        """Return how a figure is.

        Examples
        --------
        >>> from endcap.monitor.reading import Bounds
        >>> Bounds(0.05, 0.25).judge(0.1), Bounds(0.5, 0.1, low_is_bad=True).judge(0.1)
        ('warn', 'alarm')
        """
        sign = -1 if self.low_is_bad else 1
        if sign * figure >= sign * self.alarm:
            return "alarm"
        return "warn" if sign * figure >= sign * self.warn else "fine"


@dataclass(frozen=True)
class Reading:
    """What a monitor says."""

    name: str
    """As in `endcap.toml`."""
    state: State
    figure: float | None
    """What is judged; None where there is too little to say."""
    shown: str
    """The figure with its unit."""
    threshold: str
    """From where on it warns, and raises an alarm."""
    told: str
    """What it means, and what to do."""

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)


def too_little(name: str, told: str) -> Reading:
    """Return the reading of a monitor that has too little to go by."""
    return Reading(name, "unknown", None, "-", "", told)
