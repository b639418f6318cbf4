"""How much memory there is to work with."""

from __future__ import annotations

from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
_LIMITS = (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"))


def available_memory(cgroup: Path = _CGROUP) -> int:
    """Return the bytes that are free for this process: on the machine, or in its container where that is less."""
    available = int(psutil.virtual_memory().available)
    for limit, used in _LIMITS:
        try:
            free = int((cgroup / limit).read_text()) - int((cgroup / used).read_text())
        except (OSError, ValueError):  # no container of this kind, or one without a limit ("max")
            continue
        available = min(available, max(free, 0))
    return available
