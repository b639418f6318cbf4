"""One shop: a folder with settings, events, catalogue and models, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from endcap.data.schema import ITEM, TIME, USER
from endcap.errors import IdTypeError
from endcap.models.base import Progress
from endcap.recommend.reasons import add_reasons, reason_in_words
from endcap.recommend.variants import one_of_each_group, variants
from endcap.shop.training import Trained

if TYPE_CHECKING:
    from endcap.evaluation.comparison import Comparison
    from endcap.monitor.attribution import Touch
    from endcap.report.exploration import Exploration


class Shop(Trained):
    """A shop that is there already; `create` makes one.

    Raises
    ------
    ShopError
        Where the folder isn't a shop or its settings can't be read.
    """

    def recommend(
        self,
        users: list[str] | list[int] | list[str | int] | None = None,
        *,
        history: list[Any] | None = None,
        k: int = 10,
        repeats: bool | None = None,
    ) -> pl.DataFrame:
        """Return what to show to some shoppers, to a visitor, or (None) to everyone, with titles and reasons.

        Of the variants of a product (its `item_group_id` in the catalogue) the best is shown; none of what a shopper
        had before, where that may not come back.

        `repeats` says whether what a shopper had before may come back; None: what the comparison was made with.
        """
        exclude_seen = self._exclude_seen() if repeats is None else not repeats
        if history is not None:
            seen = self._hides_seen(exclude_seen, lambda: pl.DataFrame({ITEM: history}))
            return self._with_titles(
                one_of_each_group(
                    lambda n: self.model.recommend(history=history, k=n, exclude_seen=exclude_seen),
                    self._variants,
                    k,
                    seen=seen,
                )
            )
        asked = self._as_merged(users) if users else None
        wanted = users if asked is None else asked[USER].unique(maintain_order=True).to_list()
        best = one_of_each_group(
            lambda n: self.model.recommend(wanted, k=n, exclude_seen=exclude_seen),
            self._variants,
            k,
            seen=self._hides_seen(exclude_seen, lambda: self.events.frame.select(USER, ITEM)),
        )
        table = add_reasons(self.model, best)
        counts = self.events.frame.group_by(USER, ITEM).agg(times=pl.len())
        table = table.join(counts, on=[USER, ITEM], how="left", maintain_order="left")
        table = self._with_titles(table).drop("times")
        return (
            table
            if asked is None
            else asked.join(table, on=USER, maintain_order="left_right").drop(USER).rename({"asked": USER})
        )

    @property
    def _variants(self) -> pl.DataFrame | None:
        return variants(self.items)

    def _hides_seen(self, exclude_seen: bool | None, own: Callable[[], pl.DataFrame]) -> pl.DataFrame | None:
        """Return what shoppers had where that may not come back and there are variants; None elsewhere."""
        hidden = not self.model._recommends_seen if exclude_seen is None else exclude_seen
        return own() if hidden and self._variants is not None else None

    def _as_merged(self, users: Sequence[Any]) -> pl.DataFrame | None:
        """Return who is `asked` for and the `user_id` it was merged into; None where that is the same for all."""
        now = [self._aliases.get(user, user) for user in users]
        return None if now == list(users) else pl.DataFrame({"asked": users, USER: now})

    @cached_property
    def _aliases(self) -> dict[Any, Any]:
        return dict(self.store.shoppers.aliases(self.store.events.read_all()).iter_rows())

    def similar(self, item: str | int, *, k: int = 10) -> pl.DataFrame:
        """Return the products most like one product, with titles; of variants one, and none of the product itself."""
        own = pl.DataFrame({ITEM: [item]})
        return self._with_titles(
            one_of_each_group(lambda n: self.model.similar_items(item, k=n), self._variants, k, seen=own)
        )

    def explain(self, user: str | int, item: str | int) -> pl.DataFrame:
        """Return which of the shopper's own products led to a product, with titles."""
        return self._with_titles(self.model.explain(user, item))

    def bought(self, user: str | int) -> pl.DataFrame:
        """Return what one shopper had to do with, the most often first: `item_id, title, times`."""
        own = self.events.frame.filter(pl.col(USER) == user)
        return self._with_titles(own[ITEM].value_counts(name="times").sort("times", ITEM, descending=[True, False]))

    def write_report(
        self, path: Path, comparison: Comparison | None = None, *, shoppers: Sequence[str | int] = ()
    ) -> Path:
        """Write a page about the shop's data, the comparison and, by the model in use, some shoppers."""
        from endcap.report.page import Example, write_report

        examples = []
        for shopper in shoppers:
            bought = self.bought(shopper).head(6)
            repeats_count = self._exclude_seen() is False
            examples.append(
                Example(
                    f"Shopper {shopper}",
                    list(zip(_names(bought), bought["times"], strict=True)),
                    _with_reasons(self.recommend([shopper])),
                    _with_reasons(self.recommend([shopper], k=5, repeats=False)) if repeats_count else (),
                )
            )
        return write_report(
            path,
            title=self.config.name,
            events=self.events,
            items=self.items,
            comparison=comparison,
            examples=examples,
        )

    def explore(self, *, progress: Progress | None = None) -> Exploration:
        """Return what the shop's events look like, and what they suggest to try."""
        from endcap.report.exploration import explore

        return explore(self.events, self.items, progress=progress)

    def performance(self, since: int, *, window: timedelta, touch: Touch = "last") -> pl.DataFrame:
        """Return what came of the recommendations since a time in microseconds, by surface and model."""
        from endcap.monitor.attribution import attribute
        from endcap.monitor.moments import as_user
        from endcap.monitor.performance import performance

        events = self.store.events.read_since(since)
        if "event_id" not in events.columns or TIME not in events.columns:
            events = pl.DataFrame(schema={"event_id": pl.String, TIME: pl.Datetime("us"), USER: pl.String,
                                          ITEM: pl.String, "event": pl.String})  # fmt: skip
        # a visitor who clicked, then logged in and bought, is one shopper
        aliases = self.store.shoppers.aliases(events)
        before = since - window // timedelta(microseconds=1)
        feedback = as_user(self.store.answers.feedback(before, impressions=False), aliases)
        credited = attribute(feedback, as_user(events, aliases), window=window, touch=touch)
        products = None if self.items is None else len(self.items)
        shown = self.store.answers.shown(since)
        return performance(self.store.answers.given(since), credited, shown, products=products)

    def typical_shoppers(self) -> list[str | int]:
        """Return two shoppers to show: one who buys as much as most do, and one who buys a lot."""
        counts = self.events.frame[USER].value_counts().sort("count", USER)
        return [counts[USER][int(share * (len(counts) - 1))] for share in (0.5, 0.9)]

    def _with_titles(self, table: pl.DataFrame) -> pl.DataFrame:
        """Put the products' titles after their ids, and say reasons in words."""
        own = table["because_of"].explode() if "because_of" in table.columns else table[ITEM].head(0)
        titles = self.titles(pl.concat([table[ITEM], own.drop_nulls().cast(table[ITEM].dtype)]))
        if titles:
            names = table[ITEM].replace_strict(titles, default=None, return_dtype=pl.String)
            table = table.with_columns(names.alias("title"))
            table = table.select([c for name in table.columns if name != "title" for c in _after(name)])
        if "reason" in table.columns:
            words = [
                reason_in_words(
                    row["reason"],
                    row["because_of"],
                    titles,
                    row["times"],
                    every=row.get("every_days"),
                    ago=row.get("days_ago"),
                )
                for row in table.iter_rows(named=True)
            ]
            table = table.with_columns(pl.Series("reason_text", words, dtype=pl.String))
        return table


def _names(table: pl.DataFrame) -> list[str]:
    """Return the products' titles, or their ids where they have none."""
    ids = table[ITEM].cast(pl.String)
    return (table["title"].fill_null(ids) if "title" in table.columns else ids).to_list()


def _with_reasons(table: pl.DataFrame) -> list[tuple[str, str]]:
    return list(zip(_names(table), table["reason_text"], strict=True))


def _after(name: str) -> tuple[str, ...]:
    return (name, "title") if name == ITEM else (name,)


def as_id(text: str, *, is_text: bool) -> str | int:
    """Return an id given as text in the type that the data has."""
    if is_text:
        return text
    try:
        return int(text)
    except ValueError:
        raise IdTypeError(f"ids are numbers here, and {text!r} is none") from None
