"""What Prometheus may ask: counts and times of all workers together."""

from __future__ import annotations

import atexit
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil

from endcap.monitor.reading import WORSE
from endcap.store.alarms import Standing

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where the workers put their counts together; it has to be set before the first of them imports the client library."""

_PREFIX: Final = "endcap-metrics-"
_BUCKETS: Final = (0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1.0, 2.5, 5.0)


def prepare() -> None:
    """Make an empty folder for the counts of the workers that are about to start, and tell them.

    In memory where the system has files there, never in the shop's folder: the counts are mapped files, and writing to
    such a file on a full disk ends the process.
    """
    within = Path("/dev/shm")  # noqa: S108 - the folder in it is made anew, and is ours alone
    if not (within.is_dir() and os.access(within, os.W_OK)):
        within = Path(tempfile.gettempdir())
    for left in within.glob(f"{_PREFIX}*"):  # of servers that were killed
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)  # others' folders can't be removed, and stay
    folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=within)
    os.environ[FOLDER] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


class Metrics:
    """The counts of one worker; `text` is those of all."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = own = CollectorRegistry()
        self.requests = Counter("endcap_requests", "Requests, by their status.", ["status"], registry=own)
        self.seconds = Histogram(
            "endcap_request_seconds", "How long requests took.", ["scope"], buckets=_BUCKETS, registry=own
        )
        self.answers = Counter("endcap_answers", "Answers with recommendations.", ["surface"], registry=own)
        self.fallbacks = Counter(
            "endcap_fallback_answers", "Answers that another source than the first filled.", ["surface"], registry=own
        )
        self.short = Counter("endcap_short_answers", "Answers with fewer than asked for.", ["surface"], registry=own)
        self.unknown = Counter("endcap_unknown_shoppers", "Answers to shoppers the model doesn't know.", registry=own)
        self.events = Counter("endcap_events", "Events that came in.", ["event", "status"], registry=own)
        self.trained = Gauge(
            "endcap_model_newest_event_timestamp_seconds", "The newest event that the model in use learned from.",
            registry=own, multiprocess_mode="mostrecent",
        )  # fmt: skip

        self.monitor_state = Gauge(
            "endcap_monitor_state", "How a monitor stands: -1 too little to say, 0 fine, 1 warns, 2 in alarm.",
            ["monitor"], registry=own, multiprocess_mode="mostrecent",
        )  # fmt: skip
        self.monitor_figure = Gauge(
            "endcap_monitor_figure", "What a monitor judges; NaN where there is too little to say.",
            ["monitor"], registry=own, multiprocess_mode="mostrecent",
        )  # fmt: skip

    def take_monitors(self, standings: Sequence[Standing]) -> None:
        """Set how the monitors stand."""
        for one in standings:
            if one.state in WORSE:
                self.monitor_state.labels(one.name).set(WORSE.index(one.state) - 1)
                figure = one.reading["figure"]
                self.monitor_figure.labels(one.name).set(math.nan if figure is None else figure)

    def text(self) -> bytes:
        """Return the counts in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
