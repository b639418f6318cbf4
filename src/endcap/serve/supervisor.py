"""The process that starts the workers and keeps them: forks of one that has imported everything.

A worker is there in a moment, and what was imported is in memory once. What holds the shop's data is not: each worker
opens the store and maps the model's files itself, so nothing that a thread works with is carried over a fork.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

FAILED: Final = 3
"""The exit code of a process that couldn't begin; where it never could, starting it again would end the same way."""
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)
_SOON: Final = 1.0  # seconds; what ends sooner is started again only after so long


class Supervisor:
    """Runs functions as processes of their own, and starts those again that end.

    All of them end when this process does, however it ends. Where there is no `fork` (Windows), there is no
    supervisor.

    Parameters
    ----------
    functions
        One for each process. It ends by returning, and should soon after SIGTERM.
    """

    def __init__(self, functions: Sequence[Callable[[], Any]]) -> None:
        self._functions = functions
        self._running: dict[int, tuple[int, float]] = {}
        self._begun: set[int] = set()
        self._ending = False
        self._alive = os.pipe()  # never written to: its end is the end of this process

    def run(self) -> int:
        """Start all, keep them until SIGTERM or SIGINT, and return the exit code."""
        before = {number: signal.signal(number, self._end) for number in _ENDS}
        gc.collect()
        gc.freeze()  # the collector's marks would make copies of pages that are shared
        code = 0
        try:
            for place in range(len(self._functions)):
                self._start(place)
            while self._running:
                code = max(code, self._keep(*os.wait()))
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in self._alive:
                os.close(end)
        return code

    def _start(self, place: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # for the supervisor or the new process, not for both
        if self._ending:  # a process that is started now would never be told
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            return
        pid = os.fork()
        if pid:
            self._running[pid] = place, time.monotonic()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            return
        code = 1
        try:
            for number in _ENDS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            os.setpgid(0, 0)  # Ctrl-C is for the supervisor, which tells the others
            os.close(self._alive[1])
            threading.Thread(target=_end_with, args=(self._alive[0],), daemon=True).start()
            self._functions[place]()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # told here, for it must not go on in what is the supervisor's own stack
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)

    def _keep(self, pid: int, status: int) -> int:
        """Start what ended again; return the exit code that all is to end with."""
        if pid not in self._running:
            return 0
        place, since = self._running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        if self._ending:
            return 0
        if code == FAILED and place not in self._begun:
            self._end()
            return code
        self._begun.add(place)
        if time.monotonic() - since < _SOON:
            time.sleep(_SOON)
        self._start(place)
        return 0

    def _end(self, *_signal: Any) -> None:
        self._ending = True
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)


def _end_with(alive: int) -> None:
    """End this process when the one that started it is gone.

    At once, as that one ended: what was acknowledged is on disk, and the port must be free for the next server.
    """
    os.read(alive, 1)
    os._exit(1)
