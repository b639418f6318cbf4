"""Parts of pages that take a while: made beside the requests, shown as they were made last."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Made = TypeVar("Made")

PATIENCE: Final = 2.0
"""So many seconds a page waits for a part that was never made before."""


class Background(Generic[Made]):
    """Something that is made in a thread, once at a time, whatever the number of those who look.

    Parameters
    ----------
    make
        Makes it.
    keep
        So many seconds it is as good as new.
    """

    def __init__(self, make: Callable[[], Made], keep: float) -> None:
        self._make = make
        self._keep = keep
        self._made: Made | None = None
        self._at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def get(self) -> Made | None:
        """Return what was made last, and have it made anew where it is old; None where it takes its time.

        What fails while there is nothing yet is raised; later what was made before stays.
        """
        if time.monotonic() - self._at > self._keep and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._renew())
        if self._made is None and self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=PATIENCE)
            for one in done:
                one.result()
        elif self._task is not None and self._task.done():
            self._task.exception()  # seen: the page shows what was made before
        return self._made

    async def _renew(self) -> None:
        self._made = await asyncio.to_thread(self._make)
        self._at = time.monotonic()
