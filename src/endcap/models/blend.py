"""Several recommenders as one: a weighted sum of their scores or ranks, the weights learned on held-out data."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import BeforeValidator, Field
from scipy import sparse

from endcap.data.arrays import Float32Array, Float64Array, IndexLists, Int32Array, Int64Array, TopK
from endcap.data.hold_out import hold_out_pairs
from endcap.data.interactions import Interactions
from endcap.errors import DataError, ParameterError
from endcap.models.base import Progress, Recommender
from endcap.models.blend_weights import Candidates, best_weights
from endcap.models.parameters import Seed, parameters, parameters_of
from endcap.models.queries import Queries

_AT_ONCE = 2048  # queries, whose candidates are in memory together
_LEARN_FROM = 4000  # shoppers of the held-out data: more moved no weight by more than a step of the search
_RANK_OFFSET = 60  # of reciprocal rank fusion, as in its paper


def _as_specs(given: Any) -> Any:
    """Take fitted or unfitted recommenders, names, or pairs of a name and parameters."""
    if isinstance(given, (str, Recommender)) or not isinstance(given, Sequence):
        raise ParameterError("models must be a list, such as [endcap.EASE(), endcap.ALS(factors=128)]")
    return [
        (type(one).__name__, parameters_of(one))
        if isinstance(one, Recommender)
        else ((one, {}) if isinstance(one, str) else one)
        for one in given
    ]


Specs: TypeAlias = Annotated[list[tuple[str, dict[str, Any]]], BeforeValidator(_as_specs), Field(min_length=1)]


@parameters
class Blend(Recommender):
    """The weighted sum of what several recommenders say.

    With `method="scores"`, each model's scores are divided by its best score of an item that is new to the shopper, so
    that models of different scale can be added. With `method="ranks"`, an item at place r of a model's list of the
    whole catalogue gets 1 / (60 + r), and nothing behind `depth` (reciprocal rank fusion: Cormack, Clarke and
    Büttcher, SIGIR 2009).

    Weights that aren't given are learned: the newest fifth of the pairs (a random fifth where there are no times) is
    held out, the models are fitted on the rest, and the weights are those with the best NDCG@10 of held-out items,
    found by coordinate ascent (Metzler and Croft, "Linear Feature-Based Models for Information Retrieval", 2007) from
    the best single model. Then the models are fitted on all data. A model that doesn't help gets weight 0.

    Items are chosen among each model's own best: `depth` of them, or five times k where that is more.

    Examples
    --------
    >>> import endcap as ec
    >>> from scipy import sparse
    >>> bought = sparse.csr_array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> model = ec.Blend(models=[ec.ItemKNN(), ec.ALS(factors=4)], weights=[0.5, 0.5]).fit(bought)
    >>> model.recommend(2, k=1)["item_id"].to_list()
    [0]
    """

    models: Specs = Field(default_factory=lambda: _as_specs(["ItemKNN", "EASE", "ALS"]))
    """The recommenders: objects, names, or pairs of a name and parameters. Objects aren't touched: new ones are
    made."""
    weights: list[Annotated[float, Field(ge=0)]] | None = None
    """What each model counts, in their order; None: learned."""
    method: Literal["scores", "ranks"] = "scores"
    """What is added: scaled scores, or places in the models' lists."""
    depth: Annotated[int, Field(gt=0)] = 100
    """How many of each model's best items are looked at."""
    seed: Seed = 0
    """Of the choice of held-out pairs and shoppers."""

    _learned = ("weights_",)

    @property
    def _needs_log(self) -> bool:  # type: ignore[override]
        return any(component._needs_log for component in self._made())

    @property
    def _recommends_seen(self) -> bool:  # type: ignore[override]
        return all(component._recommends_seen for component in self._made())

    def _components(self) -> list[Recommender]:
        if "components_" not in self.__dict__:  # a model that is being loaded
            self.components_: list[Recommender] = self._made()
        return self.components_

    def _made(self) -> list[Recommender]:
        """Return a new recommender for each of `models`.

        Raises
        ------
        ParameterError
            Where there is no such model, or it has no such parameter.
        """
        from endcap.models import MODELS

        unknown = next((name for name, _ in self.models if name not in MODELS or name == type(self).__name__), None)
        if unknown is not None:
            raise ParameterError(f"Blend can't hold {unknown!r}; it takes {', '.join(sorted(set(MODELS) - {'Blend'}))}")
        if self.weights is not None and (len(self.weights) != len(self.models) or not sum(self.weights) > 0):
            raise ParameterError(
                f"weights={self.weights} won't do for {len(self.models)} models: "
                "give one for each, and one of them above 0"
            )
        return [getattr(importlib.import_module(MODELS[name]), name)(**values) for name, values in self.models]

    def _fit(self, data: Interactions, progress: Progress) -> None:
        self.components_ = self._made()
        if self.weights is not None:
            self.weights_: Float64Array = np.array(self.weights) / sum(self.weights)
        else:
            self.weights_ = self._learn_weights(data, lambda what, share: progress(what, share / 2))
        half = 0.0 if self.weights is not None else 0.5
        _fit_all(self.components_, data, lambda what, share: progress(what, half + (1 - half) * share))
        self.notes_ += tuple(note for component in self.components_ for note in component.notes_)

    def _learn_weights(self, data: Interactions, progress: Progress) -> Float64Array:
        equal = np.full(len(self.models), 1 / len(self.models))
        if len(self.models) == 1:
            return equal
        train, held_out = hold_out_pairs(data, share=0.2, seed=self.seed)
        users = np.flatnonzero((np.diff(train.matrix.indptr) > 0) & (np.diff(held_out.indptr) > 0))
        if len(users) == 0:
            self.notes_ += ("too little data to learn the weights of the models: all count the same",)
            return equal
        users = np.sort(np.random.default_rng(self.seed).permutation(users)[:_LEARN_FROM])
        components = self._made()
        _fit_all(components, train, progress)
        queries = Queries.of_everyone(train).take(users)
        rows, items, values = self._candidates(components, queries, self.depth, None, None)
        return best_weights(Candidates(rows, items, values, held_out.take(users)))

    def _candidates(
        self,
        components: list[Recommender],
        queries: Queries,
        k: int,
        exclude: IndexLists | None,
        candidates: Int32Array | None,
    ) -> tuple[Int64Array, Int32Array, Float64Array]:
        """Return the pairs of a query and an item that come into question, ascending, and each model's say on them.

        Shapes (pairs,), (pairs,), (pairs, models). `exclude` None: the histories.
        """
        own = IndexLists.from_matrix(queries.histories)
        width = queries.histories.shape[1]
        depth = min(max(self.depth, 5 * k), width)
        lists = []
        for component in components:
            top = component._top_k(queries, depth, own if exclude is None else exclude, candidates)
            query, place = np.nonzero(top.items >= 0)
            lists.append(query.astype(np.int64) * width + top.items[query, place])
        rows, items = np.divmod(np.unique(np.concatenate(lists)), width)
        items = items.astype(np.int32)
        return rows, items, self._values(components, queries, rows.astype(np.int32), items)

    def _values(
        self, components: list[Recommender], queries: Queries, rows: Int32Array, items: Int32Array
    ) -> Float64Array:
        """Return what each model says of each pair, shape (pairs, models)."""
        values = np.zeros((len(rows), len(components)))
        own = IndexLists.from_matrix(queries.histories)
        for c, component in enumerate(components):
            if self.method == "ranks":
                values[:, c] = _reciprocal_ranks(component, queries, rows, items, self.depth)
                continue
            best = component._top_k(queries, 1, own, None)
            scale = np.where((best.items[:, 0] >= 0) & (best.scores[:, 0] > 0), best.scores[:, 0], 1.0)
            values[:, c] = component._score(queries, rows, items) / scale[rows]
        return values

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        n = len(queries)
        top = TopK(np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32))
        used, weights = self._used()
        for start in range(0, n, _AT_ONCE):
            part = np.arange(start, min(start + _AT_ONCE, n))
            rows, items, values = self._candidates(used, queries.take(part), k, exclude.take(part), candidates)
            score = (values @ weights).astype(np.float32)
            order = np.lexsort((items, -score, rows))
            rows, items, score = rows[order], items[order], score[order]
            place = np.arange(len(rows)) - np.searchsorted(rows, rows)
            kept = place < k
            top.items[start + rows[kept], place[kept]] = items[kept]
            top.scores[start + rows[kept], place[kept]] = score[kept]
        return top

    def _used(self) -> tuple[list[Recommender], Float64Array]:
        """Return the models that count for something, and what they count."""
        used = np.flatnonzero(self.weights_ > 0)
        return [self.components_[c] for c in used], self.weights_[used]

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        used, weights = self._used()
        scores: Float32Array = (self._values(used, queries, rows, items) @ weights).astype(np.float32)
        return scores

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        width = self.interactions_.shape[1]
        used, weights = self._used()
        total = sparse.csr_array((len(items), width), dtype=np.float64)
        for component, weight in zip(used, weights, strict=True):
            found = component._similar(items, min(max(self.depth, 5 * k), width), candidates)
            query, place = np.nonzero(found.items >= 0)
            best = np.where(found.scores[:, :1] > 0, found.scores[:, :1], 1.0)
            say = (
                found.scores / best
                if self.method == "scores"
                else 1 / (_RANK_OFFSET + 1 + np.arange(found.scores.shape[1]))
            )
            say = np.broadcast_to(say, found.items.shape)
            total = total + sparse.csr_array(
                (weight * say[query, place], (query, found.items[query, place])), shape=total.shape
            )
        top = TopK(np.full((len(items), k), -1, np.int32), np.zeros((len(items), k), np.float32))
        rows = np.repeat(np.arange(len(items)), np.diff(total.indptr))
        order = np.lexsort((total.indices, -total.data, rows))
        place = np.arange(len(order)) - np.searchsorted(rows, rows)
        kept = place < k
        top.items[rows[kept], place[kept]] = total.indices[order][kept]
        top.scores[rows[kept], place[kept]] = total.data[order][kept]
        return top

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        n, width = len(queries), self.interactions_.shape[1]
        used, weights = self._used()
        rows = np.arange(n, dtype=np.int32)
        values = self._values(used, queries, rows, items)
        total = sparse.csr_array((n, width), dtype=np.float64)
        for c, (component, weight) in enumerate(zip(used, weights, strict=True)):
            query, own, contribution = component._explain(queries, items)
            score = component._score(queries, rows, items).astype(np.float64)
            factor = np.divide(weight * values[:, c], score, out=np.zeros(n), where=score != 0)
            total = total + sparse.csr_array((contribution * factor[query], (query, own)), shape=total.shape)
        query = np.repeat(rows, np.diff(total.indptr)).astype(np.int32)
        return query, total.indices.astype(np.int32), total.data


def _fit_all(components: list[Recommender], data: Interactions, progress: Progress) -> None:
    for place, component in enumerate(components):

        def tell(what: str, share: float, place: int = place, name: str = type(component).__name__) -> None:
            progress(f"{name}: {what}", (place + share) / len(components))

        try:
            component.fit(data, progress=tell)
        except DataError as error:
            raise DataError(f"{type(component).__name__}: {error}") from error


def _reciprocal_ranks(
    component: Recommender, queries: Queries, rows: Int32Array, items: Int32Array, depth: int
) -> Float64Array:
    """Return 1 / (60 + place) of each pair in the model's list of the whole catalogue, 0 behind `depth`."""
    n, width = len(queries), queries.histories.shape[1]
    top = component._top_k(queries, min(depth, width), IndexLists.empty(n), None)
    query, place = np.nonzero(top.items >= 0)
    order = np.argsort(query * width + top.items[query, place])
    stored, place = (query * width + top.items[query, place])[order], place[order]
    if len(stored) == 0:
        return np.zeros(len(rows))
    asked = rows.astype(np.int64) * width + items
    found = np.minimum(np.searchsorted(stored, asked), len(stored) - 1)
    return np.where(stored[found] == asked, 1 / (_RANK_OFFSET + 1 + place[found]), 0.0)
