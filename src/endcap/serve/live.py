"""The shop as a server has it in memory: an engine, what has happened since, and news of both."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from endcap.data.schema import ANONYMOUS, ITEM, USER
from endcap.data.vocabulary import Id
from endcap.errors import DataError, EndcapError, IdTypeError, NoModelError, ShopError, StorageError
from endcap.recommend.assignment import Assigned
from endcap.recommend.engine import Engine
from endcap.recommend.prepared import Prepared
from endcap.recommend.request import Request
from endcap.recommend.shelf import Shelf
from endcap.serve.recent import Recent
from endcap.shop import Shop, as_id
from endcap.store.meta import CATALOGUE, MERGES, NEXT_EVENT, REMOVALS

log = logging.getLogger("endcap.serve")

_CLOCKS_APART: Final = 1_000_000  # microseconds that clocks of several writers may be apart


@dataclass(frozen=True)
class _State:
    """All that one answer is made of: replaced as a whole, so no answer mixes two models."""

    engine: Engine
    others: dict[str, Engine]
    """The versions that variants of experiments ask for."""

    def engines(self) -> list[Engine]:
        return [self.engine, *self.others.values()]

    @property
    def last_event(self) -> int:
        """The newest event that every one of the models learned from."""
        return min(engine.prepared.last_event for engine in self.engines())


class Live:
    """A shop that is being served.

    Every request calls `refresh`, which costs some microseconds where nothing was written; so an event, a product or a
    merge that any process wrote is in force for the next answer. A new champion is loaded beside the old one, then
    takes its place at once; so does a shop's first, until which there is nothing that could answer.

    Parameters
    ----------
    shop
        With a model or, so far, without.

    Raises
    ------
    ShopError
        Where the model in use, or one that a variant asks for, isn't there.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.store = shop.store
        self.assignment = shop.config.assignment()
        self.store.database.keep_connections()
        self.degraded: str | None = None
        """Why what is written elsewhere can't be seen, for everybody to read; None where it can."""
        self._watch = self.store.database.watch()
        self._loading = threading.Lock()
        champion = shop.models.in_use()
        self._loaded_state = None if champion is None else self._load(champion, kin=False)
        self.lacks_kin = self.has_model
        """Whether it is still to be found what new products are like."""
        self._recent, self._last = Recent(), 0 if self._loaded_state is None else self._loaded_state.last_event
        self._facts = self._watch.facts() or {}
        self._take_over(self._facts | {MERGES: "?"})

    @property
    def engine(self) -> Engine:
        """What answers.

        Raises
        ------
        NoModelError
            Where no model was trained yet.
        """
        return self._state.engine

    @property
    def has_model(self) -> bool:
        """Whether there is a model that answers."""
        return self._loaded_state is not None

    @property
    def _state(self) -> _State:
        if self._loaded_state is None:
            raise NoModelError(NoModelError.public)
        return self._loaded_state

    @property
    def recent_shoppers(self) -> int:
        """How many shoppers did something since the model was trained."""
        return len(self._recent)

    def id_of(self, given: str | int, *, item: bool = False) -> Id:
        """Return an id in the type that the shop's ids have.

        Raises
        ------
        IdTypeError
            Where ids are numbers, and this is none.
        """
        if isinstance(given, bool):
            raise IdTypeError("true and false are no ids")
        if self._loaded_state is not None:
            known = self._loaded_state.engine.model.interactions_
            is_text = (known.items if item else known.users).is_text
        else:
            kind = self.store.events.id_types().get(ITEM if item else USER)
            is_text = isinstance(given, str) if kind is None else kind == pl.String
        return str(given) if is_text else as_id(str(given), is_text=False)

    def request(self, user: Id | None, **asked: Any) -> Request:
        """Return a request that knows what the shopper did since the training."""
        if user is None:
            return Request(**asked)
        who = self._recent.who(user)
        given = asked.get("among") is not None
        assigned = self.assignment.of(who, asked.get("surface", Request.surface), given=given)
        since = self._recent.acts(who)
        if since and self._state.others:  # models that learned until different days
            newest = self._engine_of(assigned).model.interactions_.newest
            since = [act for act in since if act.time > newest]
        return Request(user=who, since=since, assigned=assigned, **asked)

    def engine_for(self, request: Request) -> Engine:
        """Return what answers a request: the model in use, or the one of the variant that the shopper sees."""
        return self._engine_of(request.assigned)

    def _engine_of(self, assigned: Assigned | None) -> Engine:
        state = self._state
        return state.engine if assigned is None else state.others.get(assigned.model, state.engine)

    def remember(self, events: pl.DataFrame) -> None:
        """Use events for answers of this process that are stored nowhere, as without consent."""
        if self.has_model:
            self._recent.add(events)

    # -- news ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take over what was written since the last call; while the store can't be read, go on with what is known."""
        try:
            facts = self._watch.facts()
            if facts is not None:
                self._take_over(facts)
            self.degraded = None
        except StorageError as error:
            if self.degraded is None:
                log.warning("the store can't be read, answers go on from memory: %s", error)
            self.degraded = error.public or "the store can't be read"

    def _take_over(self, facts: dict[str, str]) -> None:
        before, self._facts = self._facts, facts
        if self._loaded_state is None:  # its first model is loaded with all that there is by then
            return
        try:
            if facts.get(REMOVALS) != before.get(REMOVALS):  # what is gone can't be found by asking for it
                self._recent, self._last = Recent(), self._state.last_event
                self.renew_shelf()
            elif facts.get(CATALOGUE) != before.get(CATALOGUE):
                self._take_products(before)
            if int(facts.get(NEXT_EVENT, 1)) - 1 > self._last:
                events, self._last = self.store.events.since(self._last)
                self._recent.add(events)
            if facts.get(MERGES) != before.get(MERGES):
                self._recent.merge_all(self.store.shoppers.identities().select(ANONYMOUS, USER).iter_rows())
        except BaseException:
            self._facts = before  # so that the next call tries again
            raise

    def _take_products(self, before: dict[str, str]) -> None:
        news = self.store.catalogue.changed(int(before.get(CATALOGUE, 0)) - _CLOCKS_APART)
        if news is not None and not self._put(news):
            self.renew_shelf()

    def _put(self, items: pl.DataFrame) -> bool:
        """Change products on the shelves; return False where it takes new ones."""
        return all(self._put_on(engine.shelf, items) for engine in self._state.engines())

    @staticmethod
    def _put_on(shelf: Shelf, items: pl.DataFrame) -> bool:
        if len(items) > 1000 or not all(shelf.listed > shelf.row_of.get(id_, shelf.listed) for id_ in items[ITEM]):
            return False
        for row in items.iter_rows(named=True):
            item = row.pop(ITEM)
            before = shelf.product(shelf.row_of[item])
            news = {name: value for name, value in row.items() if before.get(name) != value}
            if news.keys() & {"item_group_id", "product_type"}:  # on the shelf these are numbers, of all products
                return False
            try:
                shelf.put(item, news)
            except (DataError, KeyError):
                return False
        return True

    def renew_shelf(self) -> None:
        """Read the catalogue anew."""
        self.shop.read_catalogue_anew()
        old = self._state
        self._loaded_state = _State(
            self._engine(old.engine.model, old.engine.prepared, old.engine.version, kin=False),
            {name: self._engine(one.model, one.prepared, name, kin=False) for name, one in old.others.items()},
        )
        self.lacks_kin = True

    def find_kin(self) -> None:
        """Find what new products are like, where that isn't known: beside the requests, for it takes seconds."""
        if self.lacks_kin:
            self.lacks_kin = False  # before, for the shelf may be renewed meanwhile
            for engine in self._state.engines():
                engine.sources.find_kin()

    def new_champion(self) -> str | None:
        """Return the version that should be in use and isn't yet; None where all is well."""
        try:
            champion = self.shop.models.champion()
        except (EndcapError, OSError):
            return None
        return None if self.has_model and champion == self.engine.version else champion

    def load_champion(self) -> None:
        """Load the champion and put it in use, all at once; where it can't be loaded, the old one stays."""
        with self._loading:
            version = self.new_champion()
            if version is None:
                return
            before = self._facts
            if not self.has_model:
                self.shop.read_catalogue_anew()
            try:
                state = self._load(version)
            except (EndcapError, OSError) as error:
                stays = self.engine.version if self.has_model else "none"
                log.error("version %s can't be used, %s stays: %s", version, stays, error)
                return
            recent = Recent()
            frame, newest = self.store.events.since(state.last_event)
            recent.add(frame)
            recent.merge_all(self.store.shoppers.identities().select(ANONYMOUS, USER).iter_rows())
            self._recent, self._last, self._loaded_state = recent, newest, state
            if self._facts.get(CATALOGUE) != before.get(CATALOGUE):  # written while it was loaded
                self._take_products(before)
            log.info("in use: %s", version)

    def _load(self, champion: str, *, kin: bool = True) -> _State:
        others = {version: where for version, where in self.assignment.models().items() if version != champion}
        for version, where in others.items():
            if version not in self.shop.models.versions():
                raise ShopError(f"{where} model = {version!r}: no such version; see `endcap models list`")
        return _State(self._loaded(champion, kin), {version: self._loaded(version, kin) for version in others})

    def _loaded(self, version: str, kin: bool) -> Engine:
        return self._engine(self.shop.models.load(version), self.shop.prepared(version), version, kin=kin)

    def _engine(self, model: Any, prepared: Prepared, version: str, *, kin: bool) -> Engine:
        config = self.shop.config
        shelf = Shelf(self.shop.items, model.interactions_.items.ids)
        weights = config.prepare.event_weights
        engine = Engine(model, prepared, shelf, config.all_surfaces(), version=version, event_weights=weights, kin=kin)
        for section, surface in self.assignment.sections().items():
            engine.check(section, surface)
        return engine

    def close(self) -> None:
        """Let go of the store."""
        self._watch.close()
        self.store.database.close()
