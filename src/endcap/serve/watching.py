"""The monitors, looked at beside the requests by one of the workers."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Final

from endcap.errors import EndcapError
from endcap.monitoring import EVERY, look, tell

if TYPE_CHECKING:
    from endcap.shop import Shop

log = logging.getLogger("endcap.monitor")

_ASK: Final = 10.0
"""Seconds between two questions of a worker whether it is its turn."""


async def watch(shop: Shop) -> None:
    """Look at the monitors whenever it is this worker's turn; what fails is logged, and tried again."""
    while True:
        await asyncio.sleep(_ASK * random.uniform(0.5, 1.5))  # noqa: S311 - so that workers don't ask all at once
        try:
            await asyncio.to_thread(_turn, shop)
        except EndcapError as error:
            log.warning("the monitors can't be looked at: %s", error)
        except Exception:
            log.exception("the monitors failed")


def _turn(shop: Shop) -> None:
    if shop.store.alarms.take_turn(EVERY):
        look(shop)
        tell(shop)
