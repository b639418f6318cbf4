"""What `endcap doctor` says of the shop: asked in a process beside the server, kept with its time."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from endcap.files import write_whole
from endcap.serve import beside

log = logging.getLogger("endcap.serve")

FILE_NAME: Final = "doctor.json"


@dataclass(frozen=True)
class Checked:
    """What was found, and when."""

    at: datetime
    found: dict[str, Any]
    """As `endcap doctor --json` prints it."""


class Checkup:
    """The last check of a shop, in its folder: workers and restarts share it.

    It reads all events, so it is a process of its own that steps aside for the requests.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._running = False
        self.problem = ""
        """Why the last check came to nothing."""

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._running

    def last(self) -> Checked | None:
        """Return the last one, None where there was none."""
        try:
            kept = json.loads((self._folder / FILE_NAME).read_bytes())
            return Checked(datetime.fromisoformat(kept["at"]), kept["found"])
        except (OSError, ValueError, KeyError):
            return None

    def begin(self) -> threading.Thread | None:
        """Begin one in a thread, unless one is under way."""
        with self._lock:
            if self._running:
                return None
            self._running = True
        thread = threading.Thread(target=self._check, name="doctor", daemon=True)
        thread.start()
        return thread

    def _check(self) -> None:
        try:
            process = beside.start("doctor", "--shop", str(self._folder), "--json")
            said, problem = process.communicate()
            self.problem = ""
            if process.returncode:
                log.error("the doctor ended with %d: %s", process.returncode, problem.strip())
                self.problem = "The check failed; the server's log says more."
                return
            kept = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "found": json.loads(said)}
            write_whole(self._folder / FILE_NAME, json.dumps(kept, ensure_ascii=False).encode())
        except (OSError, ValueError) as error:
            log.error("the doctor's findings can't be kept: %s", error)
            self.problem = "The findings can't be kept; the server's log says more."
        finally:
            self._running = False
