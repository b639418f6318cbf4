"""Several recommenders as one: a weighted sum of their scores or ranks, the weights learned on held-out data."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import BeforeValidator, Field
from scipy import sparse

from endcap.data.arrays import Float32Array, Float64Array, IndexLists, Int32Array, TopK
from endcap.data.hold_out import hold_out_events, hold_out_pairs
from endcap.data.interactions import Interactions
from endcap.errors import DataError, ParameterError
from endcap.models.base import Progress, Recommender
from endcap.models.blend_opinions import opinions, reciprocal, spread, values_of
from endcap.models.blend_weights import best_weights
from endcap.models.parameters import Seed, parameters, parameters_of
from endcap.models.queries import Queries
from endcap.models.top_k import best_of_pairs

_AT_ONCE = 8192  # queries, whose candidates are in memory together
_LEARN_FROM = 4000  # shoppers of the held-out data: more moved no weight by more than a step of the search
_HELD_OUT = 0.2  # of the pairs


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

    With `method="scores"`, each model's scores are divided by the standard deviation of its best `depth` scores of
    items that are new to the shopper, so that models of different scale can be added. With `method="ranks"`, an item
    at place r of a model's list of the whole catalogue gets 1 / (60 + r), and nothing behind `depth` (reciprocal rank
    fusion: Cormack, Clarke and Büttcher, SIGIR 2009).

    Weights that aren't given are learned: the newest fifth of the pairs (where there are no times, a random fifth of
    each shopper's: `endcap.data.hold_out`) is held out, the models are fitted on the rest, and the
    weights with the best NDCG@10 of held-out items are found by coordinate ascent (Metzler and Croft, "Linear
    Feature-Based Models for Information Retrieval", 2007) from the best single model and from equal weights; then they
    are drawn back to the single model as far as that costs no more than a standard error. Then the models are fitted
    on all data. A model that doesn't help gets weight 0.

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
    repeats: bool | None = None
    """Whether the weights are learned on what a shopper takes again, too: then the newest fifth of the events is held
    out, for which `fit` needs events with times. None: yes where all models recommend seen items, as `BuyAgain`
    does."""
    seed: Seed = 0
    """Of the choice of held-out pairs and shoppers."""

    _learned = ("weights_",)

    @property
    def _needs_log(self) -> bool:  # type: ignore[override]
        made = self._made()
        return any(component._needs_log for component in made) or (self.weights is None and self._repeats(made))

    @property
    def _recommends_seen(self) -> bool:  # type: ignore[override]
        return self._repeats(self._made())

    def _repeats(self, made: list[Recommender]) -> bool:
        return all(component._recommends_seen for component in made) if self.repeats is None else self.repeats

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
        repeats = self._recommends_seen and data.log is not None and data.log.times is not None
        if repeats:
            train, held_out = hold_out_events(data, share=_HELD_OUT)
        else:
            train, held_out = hold_out_pairs(data, share=_HELD_OUT, seed=self.seed)
        users = np.flatnonzero((np.diff(train.matrix.indptr) > 0) & (np.diff(held_out.indptr) > 0))
        if len(users) == 0:
            self.notes_ += ("too little data to learn the weights of the models: all count the same",)
            return equal
        users = np.sort(np.random.default_rng(self.seed).permutation(users)[:_LEARN_FROM])
        components = self._made()
        _fit_all(components, train, progress)
        queries = Queries.of_everyone(train).take(users)
        exclude = IndexLists.empty(len(users)) if repeats else IndexLists.from_matrix(queries.histories)
        said = opinions(components, queries, self.depth, exclude, None, self.method)
        return best_weights(said, held_out.take(users))

    def _top_k(self, queries: Queries, k: int, exclude: IndexLists, candidates: Int32Array | None) -> TopK:
        n, depth = len(queries), max(self.depth, 5 * k)
        top = TopK(np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32))
        used, weights = self._used()
        for start in range(0, n, _AT_ONCE):
            part = np.arange(start, min(start + _AT_ONCE, n))
            said = opinions(used, queries.take(part), depth, exclude.take(part), candidates, self.method)
            top.items[part], top.scores[part] = best_of_pairs(
                said.rows, said.items, (said.values @ weights).astype(np.float32), len(part), k
            )
        return top

    def _used(self) -> tuple[list[Recommender], Float64Array]:
        """Return the models that count for something, and what they count."""
        used = np.flatnonzero(self.weights_ > 0)
        return [self.components_[c] for c in used], self.weights_[used]

    def _score(self, queries: Queries, rows: Int32Array, items: Int32Array) -> Float32Array:
        used, weights = self._used()
        values = values_of(used, queries, rows, items, self.depth, self.method)
        scores: Float32Array = (values @ weights).astype(np.float32)
        return scores

    def _similar(self, items: Int32Array, k: int, candidates: Int32Array | None) -> TopK:
        width = self.interactions_.shape[1]
        used, weights = self._used()
        total = sparse.csr_array((len(items), width), dtype=np.float64)
        for component, weight in zip(used, weights, strict=True):
            found = component._similar(items, min(max(self.depth, 5 * k), width), candidates)
            query, place = np.nonzero(found.items >= 0)
            said = found.scores / spread(found)[:, None] if self.method == "scores" else reciprocal(found)
            total = total + sparse.csr_array(
                (weight * said[query, place], (query, found.items[query, place])), shape=total.shape
            )
        rows = np.repeat(np.arange(len(items)), np.diff(total.indptr))
        return best_of_pairs(rows, total.indices, total.data, len(items), k)

    def _explain(self, queries: Queries, items: Int32Array) -> tuple[Int32Array, Int32Array, Float64Array]:
        n, width = len(queries), self.interactions_.shape[1]
        used, weights = self._used()
        rows = np.arange(n, dtype=np.int32)
        values = values_of(used, queries, rows, items, self.depth, self.method)
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
