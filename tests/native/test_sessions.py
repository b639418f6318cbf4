"""The kernels of session neighbours against plain Python."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap import native
from endcap.data.arrays import IndexLists

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Case:
    """Random sessions and queries whose weights are whole numbers, on which float32 sums are exact in any order."""

    def __init__(self, seed, sessions=30, items=20, queries=12, longest=8):
        rng = np.random.default_rng(seed)
        self.items = items
        self.past = [rng.integers(0, items, rng.integers(1, longest + 1)) for _ in range(sessions)]
        self.asked = [rng.permutation(items)[: rng.integers(0, min(items, 6))] for _ in range(queries)]
        whole = lambda n: rng.integers(1, 4, n).astype(np.float32)  # noqa: E731
        self.session_weights, self.item_weights = whole(sessions), whole(items)
        self.by_distance = rng.integers(0, 4, 2 * longest + 1).astype(np.float32)
        self.own_weights, self.own_latest = ([whole(len(q)) for q in self.asked] for _ in range(2))
        self.skip = rng.integers(-1, sessions, queries).astype(np.int32)
        self.exclude = [np.unique(rng.integers(0, items, rng.integers(0, 4))).astype(np.int32) for _ in range(queries)]
        self.allowed = (rng.random(items) < 0.7).astype(np.uint8)

    def index(self):
        holders = [[s for s, past in enumerate(self.past) if i in past] for i in range(self.items)]
        return native.SessionIndex(
            *flat(self.past), self.session_weights, *flat(holders), self.by_distance, self.item_weights
        )

    def queries(self):
        weights, latest = (np.concatenate([np.zeros(0, np.float32), *w]) for w in (self.own_weights, self.own_latest))
        return native.SessionQueries(*flat(self.asked), weights, latest, self.skip)

    def neighbours(self, q, recent, neighbours):
        """Return (session, similarity), the most similar first, ties to the newer."""
        own = {int(i): w for i, w in zip(self.asked[q], self.own_weights[q], strict=True)}
        sharing = [s for s, past in enumerate(self.past) if set(past) & set(own) and s != self.skip[q]][:recent]
        similar = [(s, sum(own.get(int(i), 0) for i in set(self.past[s])) * self.session_weights[s]) for s in sharing]
        return sorted(similar, key=lambda pair: (-pair[1], pair[0]))[:neighbours]

    def scores(self, q, recent, neighbours):
        scores, reach = np.zeros(self.items), len(self.by_distance) // 2
        for s, similarity in self.neighbours(q, recent, neighbours):
            past = self.past[s]
            latest = next(t for t, i in enumerate(self.asked[q]) if i in past)
            for anchor in np.flatnonzero(past == self.asked[q][latest]):
                for place, item in enumerate(past):
                    vote = similarity * self.own_latest[q][latest] * self.by_distance[reach + place - anchor]
                    scores[item] += vote * self.item_weights[item]
        return scores


def flat(lists):
    indptr = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int64)
    return indptr, np.concatenate([np.zeros(0, np.int32), *lists]).astype(np.int32)


SIZES = {"seed": st.integers(0, 2**32 - 1), "recent": st.sampled_from([1, 3, 100]), "neighbours": st.integers(1, 9)}


@SETTINGS
@given(**SIZES, k=st.integers(1, 25), threads=st.sampled_from([1, 2]), restricted=st.booleans())
def test_the_best_items_are_those_of_the_reference(simd, seed, recent, neighbours, k, threads, restricted):
    case = Case(seed)
    n = len(case.asked)
    items, scores = np.empty((n, k), np.int32), np.empty((n, k), np.float32)
    allowed = case.allowed if restricted else None
    exclude = IndexLists(*flat(case.exclude))
    native.top_k_sessions(case.index(), case.queries(), recent, neighbours, *exclude, allowed, items, scores, threads)
    for q in range(n):
        expected = case.scores(q, recent, neighbours)
        expected[case.exclude[q]] = 0
        if restricted:
            expected[case.allowed == 0] = 0
        order = [i for i in np.lexsort((np.arange(case.items), -expected)) if expected[i] > 0][:k]
        assert items[q].tolist() == order + [-1] * (k - len(order))
        assert scores[q, : len(order)].tolist() == expected[order].tolist()
        assert (scores[q, len(order) :] == 0).all()


@SETTINGS
@given(**SIZES, threads=st.sampled_from([1, 2]))
def test_given_items_score_as_in_the_reference(simd, seed, recent, neighbours, threads):
    case = Case(seed)
    n, m = len(case.asked), case.items
    pairs = IndexLists(np.arange(0, n * m + 1, m, dtype=np.int64), np.tile(np.arange(m, dtype=np.int32), n))
    scores = np.empty(n * m, np.float32)
    native.score_sessions(case.index(), case.queries(), recent, neighbours, *pairs, scores, threads)
    expected = [case.scores(q, recent, neighbours) for q in range(n)]
    assert np.array_equal(scores.reshape(n, m), np.array(expected, np.float32))


@SETTINGS
@given(**SIZES, threads=st.sampled_from([1, 2]))
def test_neighbours_are_those_of_the_reference(simd, seed, recent, neighbours, threads):
    case = Case(seed)
    n = len(case.asked)
    sessions, similarities = np.empty((n, neighbours), np.int32), np.empty((n, neighbours), np.float32)
    native.nearest_sessions(case.index(), case.queries(), recent, sessions, similarities, threads)
    for q in range(n):
        expected = case.neighbours(q, recent, neighbours)
        missing = neighbours - len(expected)
        assert sessions[q].tolist() == [s for s, _ in expected] + [-1] * missing
        assert similarities[q].tolist() == [x for _, x in expected] + [0] * missing


def test_few_neighbours_among_many_items(simd):
    # So few additions among so many items that the items reached are listed and the row is not scanned.
    case = Case(3, sessions=400, items=3000, queries=60, longest=12)
    items, scores = np.empty((60, 20), np.int32), np.empty((60, 20), np.float32)
    native.top_k_sessions(case.index(), case.queries(), 50, 10, *IndexLists.empty(60), None, items, scores, 2)
    for q in range(60):
        expected = case.scores(q, 50, 10)
        order = [i for i in np.lexsort((np.arange(3000), -expected)) if expected[i] > 0][:20]
        assert items[q, : len(order)].tolist() == order


def test_arrays_that_do_not_fit_are_refused():
    case = Case(1)
    scores = np.empty(3, np.float32)
    with pytest.raises(ValueError, match="fit together"):
        native.score_sessions(
            case.index(), case.queries(), 5, 5, np.zeros(3, np.int64), np.zeros(3, np.int32), scores, 1
        )
