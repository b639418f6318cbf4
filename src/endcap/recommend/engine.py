"""The engine: a request in, the products to show out, with every guarantee of the surface kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from endcap.data.arrays import Float32Array, Float64Array, Int32Array
from endcap.data.vocabulary import Id
from endcap.errors import ParameterError, UnknownIdError
from endcap.models.base import Recommender
from endcap.recommend.diversity import diversified
from endcap.recommend.filters.filter import Filter
from endcap.recommend.prepared import Prepared
from endcap.recommend.request import Answer, Request, Result, Verdict
from endcap.recommend.shelf import Shelf
from endcap.recommend.sources import SCORED, Asked, Sources
from endcap.recommend.surfaces import Surface

LONGEST: Final = 1000
"""The longest list that can be asked for."""
_POOL: Final = 200  # of so many of the best, boosts and diversity choose
_LAST: Final = "best-sellers"
_FILTERS_KEPT: Final = 512  # of requests; the surfaces' own always are


class Engine:
    """Answers requests with one model, one shelf and the shop's surfaces.

    What every answer keeps: nothing that is hidden, not to be had or kept out by a filter; nothing of the page itself;
    nothing that the shopper bought, where the surface says so; of variants one; never fewer products than asked for
    while more pass.

    Parameters
    ----------
    model
        Fitted.
    prepared
        What was made for the model.
    shelf
        The products.
    surfaces
        By name.
    version
        The model's, for the answers.
    event_weights
        How much an event of each kind says of a shopper's taste; one that isn't there counts 1.
    kin
        Whether to find now what new products are like; else they are by their kind alone until `sources.find_kin`.

    Raises
    ------
    FilterError
        Where a surface's filter or boost doesn't fit the catalogue; the message names the surface.
    """

    def __init__(
        self,
        model: Recommender,
        prepared: Prepared,
        shelf: Shelf,
        surfaces: Mapping[str, Surface],
        *,
        version: str = "",
        event_weights: Mapping[str, float] | None = None,
        kin: bool = True,
    ) -> None:
        self.model = model
        self.shelf = shelf
        self.surfaces = dict(surfaces)
        self.version = version
        self.sources = Sources(model, prepared, shelf, event_weights or {})
        if kin:
            self.sources.find_kin()
        self.prepared = prepared
        self._filters: dict[str, Filter] = {}
        for name, surface in self.surfaces.items():
            self.check(f"[surfaces.{name}]", surface)

    def check(self, section: str, surface: Surface) -> None:
        """Raise a ParameterError that names the section where a filter or a boost doesn't fit the catalogue."""
        for text in filter(None, (surface.filter, *surface.boost)):
            try:
                self._filter(text)
            except ParameterError as error:
                raise ParameterError(f"{section} in endcap.toml: {error}") from error

    def answer(self, request: Request) -> Answer:
        """Return what to show.

        Raises
        ------
        UnknownIdError
            Where there is no such surface.
        ParameterError
            Where a filter can't be read or k is out of range.
        """
        surface = self.surface(request)
        k = request.k or surface.k
        if not 1 <= k <= LONGEST:
            raise ParameterError(f"k={k} won't do: ask for 1 to {LONGEST:,} products")
        asked = self._asked(request, surface)
        results = self._best(asked, surface, k)
        fallback = any(result.source != surface.sources[0] for result in results)
        return Answer(request.surface, results, self.version, fallback, asked.user >= 0 or bool(request.since))

    def bought(self, request: Request) -> frozenset[int]:
        """Return the rows of what the shopper bought."""
        return frozenset(self.sources.bought(request, self._user(request)).tolist())

    def because(self, request: Request, results: list[Result], most: int = 2) -> list[list[Id]]:
        """Return which of the shopper's own products led to each result of the model, the strongest first."""
        reasons: list[list[Id]] = [[] for _ in results]
        own = [place for place, result in enumerate(results) if result.source == "personal"]
        if not own:
            return reasons
        query = self.sources.query(request, self._user(request))
        shown = np.array([results[place].row for place in own], np.int64)
        known = np.flatnonzero(self.shelf.position_of_row[shown] >= 0)
        items = self.shelf.position_of_row[shown[known]]
        asked, led, amount = self.model.contributions(query.take(np.zeros(len(known), np.int64)), items)
        places, rows = known[asked], self.shelf.row_of_position[led]
        for item, (near, more) in self.sources.around_new(request, query, results[own[0]].score):
            _, here, there = np.intersect1d(shown, near, return_indices=True)
            places = np.append(places, here)
            rows = np.append(rows, np.full(len(here), self.shelf.row_of[item]))
            amount = np.append(amount, more[there])
        order = np.lexsort((rows, -amount, places))
        for at in order[amount[order] > 0].tolist():
            reason = reasons[own[int(places[at])]]
            if len(reason) < most:
                reason.append(self.shelf.ids[int(rows[at])])
        return reasons

    def explain(self, request: Request, item: Id) -> Verdict:
        """Return why a product is in the answer to a request, or why it isn't.

        Raises
        ------
        UnknownIdError
            Where the shop doesn't have the product.
        """
        row = self.shelf.row_of.get(item)
        if row is None:
            raise UnknownIdError(f"the shop has no product {item!r}")
        surface = self.surface(request)
        why_not = self._why_not(row, request, surface)
        if why_not is not None:
            return Verdict(item, False, None, f"filtered: {why_not}")
        asked = self._asked(request, surface)
        k = request.k or surface.k
        found = self._best(asked, surface, min(LONGEST, len(self.shelf)))
        place = next((place for place, result in enumerate(found) if result.row == row), None)
        if place is None:
            variant = self.shelf.groups[row]
            better = next((r for r in found if variant >= 0 and self.shelf.groups[r.row] == variant), None)
            text = f"beyond rank {len(found):,}" if better is None else f"its variant {better.item!r} is shown instead"
            return Verdict(item, False, None, text)
        result = found[place]
        [because] = self.because(request, [result])
        text = f"rank {place + 1:,}: score {result.score:.4g} of {result.source}"
        return Verdict(item, place < k, place + 1, text, because)

    # -- what may be shown ---------------------------------------------------------------------------------

    def _asked(self, request: Request, surface: Surface) -> Asked:
        user = self._user(request)
        passes = self.shelf.eligible.copy()
        context = self._context(request)
        for text in filter(None, (surface.filter, request.filter)):
            passes &= self._filter(text).mask(context)
        if request.among is not None:
            among = np.zeros(len(passes), np.bool_)
            among[self.shelf.rows(request.among)] = True
            passes &= among
        passes[self.shelf.rows((*request.exclude, *request.context_items))] = False
        if self._hides(surface):
            passes[self.sources.bought(request, user)] = False
        return Asked(request, user, passes, self.sources.query(request, user))

    def _why_not(self, row: int, request: Request, surface: Surface) -> str | None:
        context = self._context(request)
        filters = [self._filter(text) for text in (surface.filter, request.filter) if text]
        failing = next((part for one in filters if (part := one.failing(row, context))), None)
        reasons = (
            (self.shelf.why_not(row) is not None, self.shelf.why_not(row)),
            (failing is not None, f"it doesn't meet {failing}"),
            (
                request.among is not None and row not in self.shelf.rows(request.among),
                "it isn't among the products that were given",
            ),
            (row in self.shelf.rows(request.context_items), "it is on the page"),
            (row in self.shelf.rows(request.exclude), "the request excludes it"),
            (
                self._hides(surface) and row in self.sources.bought(request, self._user(request)),
                "the shopper bought it",
            ),
        )
        return next((text for holds, text in reasons if holds), None)

    def _hides(self, surface: Surface) -> bool:
        return self.prepared.hides_bought if surface.hide_bought == "auto" else surface.hide_bought

    def _context(self, request: Request) -> dict[str, Any]:
        rows = self.shelf.rows(request.context_items[:1])
        return self.shelf.product(rows[0]) if rows else {}

    def _filter(self, text: str) -> Filter:
        found = self._filters.get(text)
        if found is None:
            found = Filter(text, self.shelf.columns)
            if len(self._filters) >= _FILTERS_KEPT:
                self._filters.clear()
            self._filters[text] = found
        return found

    def _user(self, request: Request) -> int:
        users = self.model.interactions_.users
        if request.user is None or isinstance(request.user, str) != users.is_text:
            return -1
        return int(users.encode([request.user])[0])

    def surface(self, request: Request) -> Surface:
        """Return what the surface says for this shopper: the variant of an experiment, or the surface as it is.

        Raises
        ------
        UnknownIdError
            Where there is no such surface.
        """
        if request.assigned is not None:
            return request.assigned.surface
        try:
            return self.surfaces[request.surface]
        except KeyError:
            raise UnknownIdError(f"no surface {request.surface!r}; there are {', '.join(self.surfaces)}") from None

    # -- which of it is ------------------------------------------------------------------------------------

    def _best(self, asked: Asked, surface: Surface, k: int) -> list[Result]:
        request = asked.request
        diversity = surface.diversity if request.diversity is None else request.diversity
        boost = {**surface.boost, **request.boost}
        results: list[Result] = []
        groups: set[int] = set()
        for source in dict.fromkeys((*surface.sources, _LAST)):
            enough = 2 * (k - len(results)) + 20
            while len(results) < k:
                n = max(enough, _POOL) if boost or diversity else enough
                rows, scores = self.sources.rank(source, asked, n)
                relevance = _relevance(scores)
                if request.min_relevance and source in SCORED:
                    keep = relevance >= request.min_relevance
                    rows_kept, scores_kept, relevance = rows[keep], scores[keep], relevance[keep]
                else:
                    rows_kept, scores_kept = rows, scores
                order = self._order(rows_kept, relevance, boost, diversity, enough, asked)
                self._take(source, rows_kept[order], scores_kept[order], k, asked, results, groups)
                if len(rows) < n:
                    break
                enough = 4 * n  # variants used up what was asked for
            if len(results) >= k:
                break
        return results

    def _order(
        self,
        rows: Int32Array,
        relevance: Float64Array,
        boost: Mapping[str, float],
        diversity: float,
        k: int,
        asked: Asked,
    ) -> Any:
        """Return the order to take them in: the best k by boosted relevance and diversity, then the rest."""
        if boost:
            relevance = relevance.copy()
            context = self._context(asked.request)
            for text, factor in boost.items():
                relevance[self._filter(text).mask(context)[rows]] *= factor
        if diversity:
            relevance = relevance / max(1.0, float(relevance.max(initial=0)))
            picked = diversified(relevance, self.shelf.types[rows], diversity, k)
            return np.concatenate([picked, np.setdiff1d(np.arange(len(rows)), picked)])
        return np.argsort(-relevance, kind="stable") if boost else slice(None)

    def _take(
        self,
        source: str,
        rows: Int32Array,
        scores: Float32Array,
        k: int,
        asked: Asked,
        results: list[Result],
        groups: set[int],
    ) -> None:
        """Add the best to the results, of variants one; what is taken passes no more."""
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
            if len(results) == k:
                return
            group = int(self.shelf.groups[row])
            asked.passes[row] = False
            if group in groups:
                continue
            if group >= 0:
                groups.add(group)
            results.append(Result(self.shelf.ids[row], row, score, source))


def _relevance(scores: Float32Array) -> Float64Array:
    """Return scores as shares: the best is 1; where some are negative, the worst is 0."""
    values = scores.astype(np.float64)
    if len(values) and values.min() < 0:
        values = values - values.min()
    top = float(values.max(initial=0))
    return values / top if top > 0 else np.ones(len(values))
