"""How many items are recommended: one length, or several that are measured in one pass."""

from __future__ import annotations

from collections.abc import Sequence

from endcap.errors import ParameterError


def checked_cutoffs(k: int | Sequence[int]) -> tuple[int, tuple[int, ...]]:
    """Return the length that decides, the first given, and all of them, ascending.

    Raises
    ------
    ParameterError
        Where `k` isn't one or several whole numbers of 1 or more.
    """
    given = [k] if isinstance(k, int) else list(k)
    if not given or any(isinstance(c, bool) or not isinstance(c, int) or c < 1 for c in given):
        raise ParameterError(f"k={k!r} won't do: compare lists of 1 item or more")
    return given[0], tuple(sorted(set(given)))
