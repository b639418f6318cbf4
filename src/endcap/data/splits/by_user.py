"""Some users held out altogether, who come back as visitors with half a history: strong generalisation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from endcap.data.events import Events
from endcap.data.reading import as_events
from endcap.data.schema import ITEM, TIME, USER
from endcap.data.splits.split import Split, checked_share, divide
from endcap.errors import DataError


class UserSplit(NamedTuple):
    """What `split_by_user` returns: unpack it as `train, given, test`."""

    train: Events
    """All events of the users to learn from."""
    given: Events
    """What the held-out users had before they are asked: `endcap.evaluate(model, test, given=given)`."""
    test: Events
    """What is to be found for them."""

    @property
    def cold_items(self) -> int:
        """Distinct items of the test side without an event in training."""
        return Split(self.train, self.test).cold_items


def split_by_user(events: Events | pl.DataFrame, test: float = 0.2, *, given: float = 0.5, seed: int = 0) -> UserSplit:
    """Hold out users, not events: how well a model serves people that it wasn't trained on.

    "Strong generalisation" (Marlin 2004), the protocol of Liang et al. (2018). Of each held-out user, some items are
    given as the history, and the others are to be found: the earlier ones are given where there are timestamps, random
    ones otherwise. Users with a single item can't be asked and stay in training.

    Parameters
    ----------
    events
        Any events.
    test
        The share of users who are held out, of those with two items or more.
    given
        The share of a held-out user's distinct items that is given, one at least and all but one at most. An item's
        first event decides its place.
    seed
        Of the choice of users and, without timestamps, of items.

    Returns
    -------
    UserSplit
        `train, given, test`; rows keep their order.

    Raises
    ------
    DataError
        Where a side would be empty.
    ParameterError
        Where a share isn't one.

    Examples
    --------
    >>> import endcap as ec, polars as pl
    >>> rows = {"user": [u for u in range(10) for _ in range(4)], "item": list(range(4)) * 10}
    >>> train, given, test = ec.split_by_user(ec.read_events(pl.DataFrame(rows)), test=0.2)
    >>> len(train), len(given), len(test)
    (32, 4, 4)
    """
    events = as_events(events)
    share, part = checked_share(test), checked_share(given)
    rng = np.random.default_rng(seed)
    pairs = _pairs(events, rng)
    users = pairs.filter(pl.col("_items") > 1)[USER].unique().sort()
    size = round(share * len(users))
    if size == 0 or size == events.frame[USER].n_unique():
        raise DataError(
            f"test={test!r} leaves a side without users: of {events.frame[USER].n_unique()} users, {len(users)} have "
            "two items or more and can be held out"
        )
    chosen = users.gather(np.sort(rng.permutation(len(users))[:size]))
    return UserSplit(*_parted(events, pairs.join(pl.DataFrame({USER: chosen}), on=USER, how="semi"), part))


def halve_visits(events: Events, given: float = 0.5, *, seed: int = 0) -> Split:
    """Part what every visitor did into what is given, and what is to be found, as `split_by_user` does it.

    Who had to do with a single item can't be asked, and is left out.
    """
    pairs = _pairs(events, np.random.default_rng(seed)).filter(pl.col("_items") > 1)
    _, shown, hidden = _parted(events, pairs, given)
    return Split(shown, hidden)


def _pairs(events: Events, rng: np.random.Generator) -> pl.DataFrame:
    """Return every pair of a user and an item, its `_first` time, a `_chance` for ties, and the user's `_items`."""
    first = pl.col(TIME).min() if events.has_time else pl.lit(0)
    pairs = events.frame.group_by(USER, ITEM).agg(_first=first).sort(USER, ITEM)
    return pairs.with_columns(_chance=pl.Series(rng.random(len(pairs))), _items=pl.len().over(USER))


def _parted(events: Events, pairs: pl.DataFrame, part: float) -> tuple[Events, Events, Events]:
    """Return the events of other users, and of the pairs' users those that are given and those to be found."""
    place = pl.struct("_first", "_chance").rank("ordinal").over(USER)
    told = (pl.col("_items") * part).round().clip(1, pl.col("_items") - 1)
    asked = pairs.select(USER, ITEM, _given=place <= told)
    side = events.frame.join(asked, on=[USER, ITEM], how="left", maintain_order="left")["_given"]
    others, rest = divide(events, side.is_not_null())
    shown, hidden = divide(rest, ~side.drop_nulls())
    return others, shown, hidden
