"""What shoppers did since the model was trained, in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

import polars as pl

from endcap.data.schema import ANONYMOUS, EVENT, ITEM, TIME, USER
from endcap.data.vocabulary import Id
from endcap.recommend.shopper import Act

MOST: Final = 200
"""Of one shopper so many acts are kept, the newest: more would hardly change what is recommended."""


class Recent:
    """The acts of each shopper, and which ids are one and the same shopper's."""

    def __init__(self) -> None:
        self._acts: dict[Id, deque[Act]] = {}
        self._now: dict[Id, Id] = {}
        self._before: dict[Id, list[Id]] = {}

    def add(self, events: pl.DataFrame) -> None:
        """Add events in canonical columns, oldest first."""
        absent = [pl.lit(None).alias(name) for name in (TIME, ANONYMOUS) if name not in events.columns]
        rows = events.with_columns(absent).with_columns(pl.col(TIME).cast(pl.Int64).fill_null(0))
        for user, item, event, time, anonymous in rows.select(USER, ITEM, EVENT, TIME, ANONYMOUS).iter_rows():
            self.put(user, Act(item, event, time))
            if anonymous is not None and anonymous != user:
                self.merge(anonymous, user)

    def put(self, user: Id, act: Act) -> None:
        """Add one act."""
        acts = self._acts.get(user)
        if acts is None:
            acts = self._acts[user] = deque(maxlen=MOST)
        acts.append(act)

    def merge(self, anonymous: Id, user: Id) -> None:
        """Take a visitor for a user from now on; one who is somebody's already stays so."""
        if anonymous not in self._now and self.who(user) != anonymous:
            self._now[anonymous] = user
            self._before.setdefault(user, []).append(anonymous)

    def merge_all(self, pairs: Iterable[tuple[Id, Id]]) -> None:
        """Take visitors for users."""
        for anonymous, user in pairs:
            self.merge(anonymous, user)

    def who(self, id_: Id) -> Id:
        """Return the user that an id turned out to be, itself where it didn't."""
        for _ in range(8):  # as the store follows them: chains are short, and a ring must end
            if id_ not in self._now:
                break
            id_ = self._now[id_]
        return id_

    def acts(self, user: Id) -> list[Act]:
        """Return what a user did, under all of the user's ids, oldest first."""
        ids, own = [user], list(self._acts.get(user, ()))
        for id_ in ids:
            for earlier in self._before.get(id_, ()):
                if earlier not in ids:
                    ids.append(earlier)
                    own += self._acts.get(earlier, ())
        return sorted(own, key=lambda act: act.time) if len(ids) > 1 else own

    def __len__(self) -> int:
        return len(self._acts)
