"""Evens out how much the workers of a server have to do.

A connection stays with the worker that took it, and a reverse proxy sends most of what it has over the few connections
it used last. So one worker may be busy without a pause while the others wait. A worker that does more than its share
closes a connection after an answer, as HTTP provides for; the next one goes to who is free to take it.
"""

from __future__ import annotations

import mmap
from typing import Final

_EVERY: Final = 64
"""Requests between two comparisons: chance alone makes one in a hundred of them close a connection."""
_MORE: Final = 1.25
"""Times the average that is more than a worker's share."""
_WIDTH: Final = 8  # bytes of a count


class Share:
    """What one of several workers does of all the work.

    Parameters
    ----------
    counts
        Requests by worker, in memory that all of them see.
    place
        Which of them is this worker's.
    """

    def __init__(self, counts: memoryview, place: int) -> None:
        self._counts = counts
        self._place = place
        self._before: list[int] = counts.tolist()

    def is_more(self) -> bool:
        """Count a request; return whether to close its connection."""
        self._counts[self._place] += 1
        own = self._counts[self._place] - self._before[self._place]
        if own < _EVERY:
            return False
        now = self._counts.tolist()
        all_of_them = sum(now) - sum(self._before)
        self._before = now
        return own * len(now) > _MORE * all_of_them


def shares(workers: int) -> list[Share]:
    """Return a share for each worker, to be made before they are forked."""
    counts = memoryview(mmap.mmap(-1, _WIDTH * workers)).cast("Q")
    return [Share(counts, place) for place in range(workers)]
