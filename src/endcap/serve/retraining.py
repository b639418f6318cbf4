"""Training again and again beside a server, without slowing it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from endcap.serve import beside

log = logging.getLogger("endcap.serve")


class Retraining(threading.Thread):
    """Runs `endcap retrain` every so many seconds, until it is stopped.

    It is a process that steps aside (`endcap.serve.beside`): where the cores are busy, requests go first. A
    new model passes the gate before the server sees it, and what was decided is in `endcap models log`.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        super().__init__(name="retraining", daemon=True)
        self._folder = folder
        self._seconds = seconds
        self._stop = threading.Event()
        self.runs: list[int] = []
        """The exit codes so far."""

    def run(self) -> None:
        """Train whenever the time has come; one training that takes longer delays the next."""
        while not self._stop.wait(self._seconds):
            self.runs.append(self.once())

    def once(self) -> int:
        """Train once, and return the exit code."""
        process = beside.start("retrain", "--shop", str(self._folder), "--json")
        said, problem = process.communicate()
        if process.returncode:
            log.error("retraining ended with %d: %s", process.returncode, problem.strip())
        else:
            log.info("retrained: %s", said.strip())
        return process.returncode

    def stop(self) -> None:
        """Train no more; a training that runs ends by itself."""
        self._stop.set()
