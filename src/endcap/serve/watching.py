"""What one of the workers does beside the requests: it looks at the monitors, and removes answers that are old."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from endcap.data.durations import parse_duration
from endcap.errors import EndcapError
from endcap.monitoring import EVERY, look, tell
from endcap.store.clock import now

if TYPE_CHECKING:
    from endcap.shop import Shop

log = logging.getLogger("endcap.monitor")

_ASK: Final = 10.0
"""Seconds between two questions of a worker whether it is its turn."""


async def watch(shop: Shop) -> None:
    """Look at the monitors and sweep whenever it is this worker's turn; what fails is logged, and tried again."""
    while True:
        await asyncio.sleep(_ASK * random.uniform(0.5, 1.5))  # noqa: S311 - so that workers don't ask all at once
        try:
            await asyncio.to_thread(_turn, shop)
        except EndcapError as error:
            log.warning("the monitors can't be looked at, nor old answers removed: %s", error)
        except Exception:
            log.exception("the monitors or removing old answers failed")


def _turn(shop: Shop) -> None:
    if shop.store.alarms.take_turn(EVERY):
        if shop.models.in_use() is not None:
            look(shop)
            tell(shop)
        sweep(shop)


def sweep(shop: Shop) -> int:
    """Remove the answers, and what came of them, that are older than `keep_answers`; return how many rows."""
    keep = shop.config.serve.keep_answers
    if not keep:
        return 0
    removed = shop.store.answers.remove_before(now() - parse_duration(keep) // timedelta(microseconds=1))
    if removed:
        log.info("removed %d answers and reactions older than %s", removed, keep)
    return removed
