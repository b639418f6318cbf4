"""Events onto the disk, many at a time: a writer that takes along whatever has come in while it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")

MOST: Final = 5_000
"""So many rows go into one transaction at most, so that the first in line doesn't wait for all."""


class Intake(Generic[Row]):
    """Group commit: `add` returns when its rows are on disk, and one transaction serves all who wait.

    Parameters
    ----------
    write
        Stores rows and returns which of them are new; called in a thread of its own, never twice at a time.
    """

    def __init__(self, write: Callable[[Sequence[Row]], list[bool]]) -> None:
        self._write = write
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[list[bool]]]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._task: asyncio.Task[None] | None = None

    async def add(self, rows: Sequence[Row]) -> list[bool]:
        """Return which rows are new, once all of them are on disk; what `write` raises is raised here."""
        future: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken = self._take()
            rows = [row for some, _ in taken for row in some]
            try:
                new = await loop.run_in_executor(self._thread, self._write, rows)
            except Exception as error:  # each of those who wait is told
                if len(taken) > 1:  # one bad request must not be the others' failure
                    await self._one_by_one(taken)
                    continue
                _fail(taken[0][1], error)
                continue
            start = 0
            for some, future in taken:
                if not future.done():
                    future.set_result(new[start : start + len(some)])
                start += len(some)

    async def _one_by_one(self, taken: list[tuple[Sequence[Row], asyncio.Future[list[bool]]]]) -> None:
        loop = asyncio.get_running_loop()
        for rows, future in taken:
            try:
                new = await loop.run_in_executor(self._thread, self._write, rows)
            except Exception as error:
                _fail(future, error)
            else:
                if not future.done():
                    future.set_result(new)

    def _take(self) -> list[tuple[Sequence[Row], asyncio.Future[list[bool]]]]:
        count = place = 0
        while place < len(self._waiting) and count < MOST:
            count += len(self._waiting[place][0])
            place += 1
        taken, self._waiting = self._waiting[:place], self._waiting[place:]
        return taken

    async def close(self) -> None:
        """Write what is waiting, then end."""
        if self._task is not None:
            await self._task
        self._thread.shutdown()


def _fail(future: asyncio.Future[list[bool]], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
