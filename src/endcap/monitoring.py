"""The monitors of a shop: what they look at, how they stand, and who is told when an alarm begins or ends."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from endcap.automatic.gate import ACCURACY
from endcap.config import Config, Limits
from endcap.errors import ModelFileError, ShopError
from endcap.monitor import drift, shares, standing, traffic, webhook
from endcap.monitor.reading import WORSE, Bounds, Reading
from endcap.recommend.prepared import Prepared
from endcap.store.alarms import Standing

if TYPE_CHECKING:
    from endcap.shop import Shop

log = logging.getLogger("endcap.monitor")

EVERY: Final = 60.0
"""Seconds between two looks of a server."""
_DAY: Final = timedelta(days=1)
_LOW_IS_BAD: Final = ("events", "coverage", "click_through")
_OF_ANSWERS: Final = {"fallbacks": "fallback", "short_answers": "short", "empty_answers": "empty"}
_SLICES, _EACH = 24, 250  # the answers that are looked at: up to 6,000 of the last day, and of the week before


def look(shop: Shop, *, now: datetime | None = None) -> list[Reading]:
    """Count what came in, judge it, and keep how the monitors stand; the worst first.

    Parameters
    ----------
    shop
        The shop.
    now
        UTC, without a time zone; None: by the clock.
    """
    now = datetime.now(UTC).replace(tzinfo=None) if now is None else now
    personal = personal_surfaces(shop.config)
    shop.store.hours.count(personal)
    found = _judged(shop, now, personal)
    shop.store.alarms.keep({one.name: (one.state, one.to_dict()) for one in found})
    return sorted(found, key=lambda one: -WORSE.index(one.state))


def personal_surfaces(config: Config) -> list[str]:
    """Return the surfaces that begin with the shop's model."""
    return [name for name, surface in config.all_surfaces().items() if surface.sources[:1] == ["personal"]]


def _judged(shop: Shop, now: datetime, personal: list[str]) -> list[Reading]:
    limits = shop.config.monitors
    bounds = {
        name: Bounds(own.warn, own.alarm, low_is_bad=name in _LOW_IS_BAD)
        for name in type(limits).model_fields
        if isinstance(own := getattr(limits, name), Limits)
    }
    hours = shop.store.hours.read(_micro(now - timedelta(weeks=5)))
    day = hours.filter(pl.col("hour") > now - _DAY)
    before, today = (
        shop.store.answers.sample(_micro(start), _micro(end), slices=_SLICES, each=_EACH)
        for start, end in ((now - 8 * _DAY, now - _DAY), (now - _DAY, now))
    )
    model, old = _version(shop, shop.models.champion()), _version(shop, shop.models.previous())
    found = []
    for name, own in bounds.items():
        if name == "events":
            found.append(traffic.events_per_hour(name, hours, now, own))
        elif name == "unknown_items":
            found.append(shares.unknown_items(name, day, own))
        elif name in _OF_ANSWERS:
            which, among = _OF_ANSWERS[name], personal if name == "fallbacks" else None
            found.append(shares.share_of_answers(name, day, which, own, among))
        elif name == "score_drift" and model:
            found.append(drift.score_drift(name, before, today, model.name, own))
        elif name == "coverage":
            found.append(drift.coverage(name, before, today, own))
        elif name == "model_age" and model:
            found.append(standing.model_age(name, model, _newer(shop, model.name), now, own))
        elif name == "click_through" and model:
            found.append(standing.click_through(name, hours, model, old, own))
    return found


def tell(shop: Shop, *, post: Any = webhook.post) -> None:
    """Post every alarm that began or ended since the webhook was told last; what isn't taken is tried at the next look.

    One message a change, whatever the number of servers and restarts. A message may come twice only where this
    process ends after it was sent and before that is written down.
    """
    url = shop.config.monitors.webhook
    news = [one for one in shop.store.alarms.all() if one.is_news]
    for one in news:
        if url:
            shop.store.alarms.keep_turn(EVERY)
            if not post(url, _message(shop, one)):
                return
        shop.store.alarms.posted(one.name, one.state)
        log.log(
            logging.WARNING if one.state == "alarm" else logging.INFO,
            "monitor %s: %s, %s", one.name, one.state, one.reading["told"],
        )  # fmt: skip


def _message(shop: Shop, one: Standing) -> dict[str, Any]:
    began = one.state == "alarm"
    return {
        "shop": shop.config.name,
        "monitor": one.name,
        "event": "alarm" if began else "resolved",
        "text": f"{shop.config.name}: {one.name} {'is in alarm' if began else 'is in alarm no longer'}. "
        f"{one.reading['told']}",
        "since": datetime.fromtimestamp(one.since / 1e6, UTC).isoformat(timespec="seconds"),
        "state": one.state,
        "figure": one.reading["figure"],
        "threshold": one.reading["threshold"],
    }


def _version(shop: Shop, name: str | None) -> standing.Version | None:
    if name is None:
        return None
    try:
        manifest = shop.models.manifest(name)
    except (ModelFileError, ShopError):  # removed since
        return None
    saved = datetime.fromisoformat(manifest["saved_at"]).astimezone(UTC).replace(tzinfo=None)
    return standing.Version(name, saved, manifest["metrics"].get(ACCURACY, {}).get("ndcg"))


def _newer(shop: Shop, version: str) -> int:
    prepared = Prepared.read(shop.models.folder / version / "serving")
    return 0 if prepared is None else max(0, shop.store.events.last() - prepared.last_event)


def _micro(time: datetime) -> int:
    return int(time.replace(tzinfo=UTC).timestamp() * 1_000_000)
