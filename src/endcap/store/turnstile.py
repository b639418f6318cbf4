"""Counts who is at work, so that for a moment nobody is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets threads in, and now and then one that has to be alone.

    Examples
    --------
    >>> turnstile = Turnstile()
    >>> with turnstile.inside():
    ...     pass
    >>> with turnstile.alone(seconds=1.0) as is_alone:
    ...     is_alone
    True
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._one_alone = threading.Lock()
        self._inside = 0
        self._closed = False
        self._own = threading.local()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be counted; a thread that is inside already goes in again at once."""
        depth = getattr(self._own, "depth", 0)
        if not depth:
            with self._changed:
                self._changed.wait_for(lambda: not self._closed)
                self._inside += 1
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth = depth
            if not depth:
                with self._changed:
                    self._inside -= 1
                    self._changed.notify_all()

    @contextmanager
    def alone(self, seconds: float) -> Iterator[bool]:
        """Let nobody in, and return whether all who were inside left within so many seconds.

        A thread that is itself inside isn't made to wait for itself: it is told at once that it isn't alone.
        """
        if getattr(self._own, "depth", 0):
            yield False
            return
        with self._one_alone:
            with self._changed:
                self._closed = True
                is_alone = self._changed.wait_for(lambda: self._inside == 0, seconds)
            try:
                yield is_alone
            finally:
                with self._changed:
                    self._closed = False
                    self._changed.notify_all()
