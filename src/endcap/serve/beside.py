"""Heavy work beside a server: a process of its own that takes what the requests leave."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import Final

import psutil

SHARE: Final = 0.5
"""Of the cores that the server may use, so many at most are the other work's; one at least."""
_RUN: Final = "from endcap.serve.beside import main; main()"


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start `endcap` with arguments, of the lowest priority and on a share of the cores; what it says can be read."""
    cores = str(max(1, int(SHARE * (os.cpu_count() or 1))))
    limited = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), cores)
    return subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", _RUN, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **limited},
    )


def main() -> None:
    """Run the command line as one that steps aside."""
    step_aside()
    from endcap.cli import main as endcap

    endcap()


def step_aside() -> None:
    """Give this process the lowest priority, and some of the cores only where the system can say so.

    Threads that are started later, whoever starts them, are bound by the same. The scheduling class "idle" would step
    aside further, but on a machine that is never idle nothing would ever be learnt.
    """
    own = psutil.Process()
    own.nice(19 if sys.platform != "win32" else psutil.IDLE_PRIORITY_CLASS)
    if sys.platform != "linux":
        return
    allowed = sorted(os.sched_getaffinity(0))
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, allowed[-max(1, int(SHARE * len(allowed))) :])
    with contextlib.suppress(OSError):
        own.ionice(psutil.IOPRIO_CLASS_IDLE)
