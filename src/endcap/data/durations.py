"""Lengths of time as people write them: "90d", "4w", "12h"."""

from __future__ import annotations

import re
from datetime import timedelta

from endcap.errors import ParameterError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: str | timedelta) -> timedelta:
    """Return the length of time that `text` names: a number and one of s, m, h, d, w.

    Raises
    ------
    ParameterError
        Where the text is something else, or the length isn't above zero.

    Examples
    --------
    >>> from endcap.data.durations import parse_duration
    >>> parse_duration("4w").days
    28
    """
    if isinstance(text, timedelta):
        duration = text
    else:
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", str(text))
        if not match:
            raise ParameterError(
                f"{text!r} is not a length of time; write a number and s, m, h, d or w, such as '90d' or '4w'"
            )
        try:
            duration = timedelta(**{_UNITS[match[2]]: float(match[1])})
        except OverflowError:
            raise ParameterError(f"{text!r} is too long a time") from None
    if duration <= timedelta(0):
        raise ParameterError(f"a length of time must be above zero, not {text!r}")
    return duration
