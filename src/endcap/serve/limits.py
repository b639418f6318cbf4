"""How often somebody may do something."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

_MOST_CLIENTS: Final = 100_000


class Rate:
    """A bucket of tokens for each client that fills with time (token bucket); those seen longest ago are forgotten.

    Parameters
    ----------
    rate
        Tokens a second.
    burst
        How many a bucket holds.
    """

    def __init__(self, rate: float, *, burst: float) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def fresh(self) -> Rate:
        """Return one of the same limits with full buckets."""
        return Rate(self._rate, burst=self._burst)

    def wait(self, client: Hashable) -> float:
        """Take a token and return 0; where there is none, return in how many seconds there will be one."""
        now = time.monotonic()
        tokens, last = self._buckets.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - last) * self._rate)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate
