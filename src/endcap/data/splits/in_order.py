"""Past and future where events have times; where they have none, a part drawn by chance."""

from __future__ import annotations

from datetime import date, timedelta

from endcap.data.events import Events
from endcap.data.schema import TIME
from endcap.data.splits.by_time import split_by_time
from endcap.data.splits.shuffle import split_shuffle
from endcap.data.splits.split import Split


def have_order(events: Events) -> bool:
    """Return whether it is known what came after what: not where there are no times, or one for all events."""
    return events.has_time and events.frame[TIME].n_unique() > 1


def split_in_order(events: Events, test: str | float | date | timedelta, *, seed: int = 0) -> Split:
    """Split by time; where there is none and `test` is a share, hold out that share of the pairs at random.

    Raises
    ------
    DataError
        Where a side would be empty, or `test` is a length of time and there is none.
    """
    if isinstance(test, float) and not have_order(events):
        return split_shuffle(events, test=test, seed=seed)
    return split_by_time(events, test=test)
