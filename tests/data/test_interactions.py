"""Interactions are what a plain dictionary would make of the events, whatever their order."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import endcap as ec
from endcap.data.schema import EVENT_WEIGHTS
from endcap.errors import DataError, ParameterError

START = datetime(2024, 1, 1)
FINGERPRINT = "9b96595634598793f6f8ad19d043f886"
KINDS = ["view_item", "add_to_cart", "purchase", "refund", "share"]


@st.composite
def tables(draw, ids=None):
    ids = ids or draw(
        st.sampled_from([st.integers(-(2**62), 2**62), st.integers(0, 9), st.text(min_size=1, max_size=3)])
    )
    rows = st.tuples(ids, ids, st.sampled_from(KINDS), st.integers(0, 10**6), st.integers(1, 50))
    drawn = draw(st.lists(rows, min_size=1, max_size=60))
    users, items, kinds, seconds, pieces = zip(*drawn, strict=True)
    return pl.DataFrame(
        {
            "user_id": users,
            "item_id": items,
            "event": kinds,
            "timestamp": [START + timedelta(seconds=s) for s in seconds],
            "quantity": pieces,
        }
    )


def without_refunds(table):
    """Piece by piece: each piece that comes back takes one from the latest earlier purchase that has some left."""
    rows = sorted(table.iter_rows(), key=lambda row: (row[3], row[2] == "refund", row[4]))
    bought = [[*row] for row in rows]
    for place, (user, item, kind, _, pieces) in enumerate(rows):
        if kind == "refund":
            for _ in range(pieces):
                earlier = [one for one in bought[:place] if one[:3] == [user, item, "purchase"] and one[4] > 0]
                if earlier:
                    earlier[-1][4] -= 1
    kept = [row for row in bought if row[2] != "refund" and not (row[2] == "purchase" and row[4] == 0)]
    return pl.DataFrame(kept, schema=table.schema, orient="row")


def reference(table, half_life=None, quantity="ignore"):
    end = table["timestamp"].max()
    table = without_refunds(table)
    weight, last = defaultdict(float), {}
    for user, item, kind, when, pieces in table.iter_rows():
        one = EVENT_WEIGHTS.get(kind, 1.0) * {"ignore": 1, "linear": pieces, "log": np.log2(1 + pieces)}[quantity]
        weight[user, item] += one * (0.5 ** ((end - when) / half_life) if half_life else 1)
        last[user, item] = max(when, last.get((user, item), when))
    return weight, last


def contents(data):
    matrix = data.matrix.tocoo()
    users, items = data.users.decode(matrix.coords[0]), data.items.decode(matrix.coords[1])
    times = pl.Series(data.last_time).cast(pl.Datetime("us"))
    return {(u, i): (w, t) for u, i, w, t in zip(users, items, matrix.data, times, strict=True)}


@settings(deadline=None)
@given(tables(), st.sampled_from([None, timedelta(days=3)]), st.sampled_from(["ignore", "log", "linear"]))
def test_equal_to_a_dictionary(table, half_life, quantity):
    data = ec.Interactions.from_events(table, half_life=half_life, quantity=quantity)
    weight, last = reference(table, half_life, quantity)
    found = contents(data)
    for pair, expected in weight.items():
        if expected > 1e-4:
            assert found[pair][0] == pytest.approx(expected, rel=1e-4, abs=1e-4)
            assert found[pair][1] == last[pair]
        elif expected < -1e-4:
            assert pair not in found
    assert set(found) <= set(weight)
    assert data.matrix.has_sorted_indices
    assert data.matrix.data.dtype == np.float32
    assert (data.matrix.data > 0).all()


@settings(deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    one = ec.Interactions.from_events(table, half_life="1d", quantity="log")
    other = ec.Interactions.from_events(table[order], half_life="1d", quantity="log")
    assert one.fingerprint() == other.fingerprint()


def test_the_fingerprint_is_the_same_in_every_version_and_tells_data_apart():
    table = pl.DataFrame({"user_id": ["a", "b"], "item_id": [1, 2]})
    whole = ec.Interactions.from_events(table)
    assert whole.fingerprint() == FINGERPRINT
    others = [
        table.with_columns(item_id=pl.Series([1, 3])),
        table.with_columns(user_id=pl.Series(["ab", ""])),
        table.head(1),
        table.with_columns(timestamp=START),
        pl.concat([table, table.head(1)]),
    ]
    assert len({ec.Interactions.from_events(t).fingerprint() for t in others} | {FINGERPRINT}) == 6


def test_ids_come_back_in_their_type():
    for dtype in (pl.Int8, pl.Int32, pl.UInt32, pl.Int64, pl.String):
        table = pl.DataFrame({"user_id": pl.Series([3, 1, 1]).cast(dtype), "item_id": pl.Series([1, 2, 3]).cast(dtype)})
        data = ec.Interactions.from_events(table)
        assert data.users.ids.dtype == data.items.ids.dtype == dtype


def test_minimum_counts_hold_for_all_that_is_left():
    users = [1, 1, 1, 2, 2, 3, 3, 4]
    items = ["a", "b", "c", "a", "b", "a", "b", "c"]
    table = pl.DataFrame({"user_id": users, "item_id": items})
    data = ec.Interactions.from_events(table, min_user_events=2, min_item_events=2)
    # user 4 goes, then item c has one event left and goes too
    assert data.users.ids.to_list() == [1, 2, 3]
    assert data.items.ids.to_list() == ["a", "b"]
    assert ec.Interactions.from_events(table, min_user_events=9).nnz == 0


def test_now_may_have_a_time_zone_and_later_events_count_in_full():
    table = pl.DataFrame({"user_id": [1, 1], "item_id": [1, 2], "timestamp": [START, START + timedelta(days=9)]})
    for now in (START + timedelta(days=1), (START + timedelta(days=1)).replace(tzinfo=UTC)):
        data = ec.Interactions.from_events(table, half_life="1d", now=now)
        assert data.matrix.toarray().tolist() == [[0.5, 1.0]]


def test_ages_beyond_single_precision_keep_their_pairs():
    table = pl.DataFrame({"user_id": [1, 1], "item_id": [1, 2], "timestamp": [START, START + timedelta(days=3000)]})
    assert ec.Interactions.from_events(table, half_life="1d").nnz == 2


def test_tables_and_matrices_are_taken_as_they_are():
    pandas = pytest.importorskip("pandas")
    table = {"Customer ID": [1, 2], "SKU": ["a", "b"]}
    made = ec.Interactions.coerce(pl.DataFrame(table))
    assert made.fingerprint() == ec.Interactions.coerce(pandas.DataFrame(table)).fingerprint()
    assert made.fingerprint() == ec.Interactions.coerce(pl.DataFrame(table).lazy()).fingerprint()
    assert made.fingerprint() == ec.Interactions.coerce(pl.DataFrame(table).to_arrow()).fingerprint()
    assert ec.Interactions.coerce(sparse.eye_array(3)).shape == (3, 3)
    assert ec.Interactions.coerce(made) is made
    with pytest.raises(DataError, match="can't train on dict"):
        ec.Interactions.coerce(table)


@pytest.mark.parametrize("weights", [[-1.0], [np.nan], [np.inf]])
def test_a_matrix_of_impossible_weights_is_refused(weights):
    with pytest.raises(DataError, match="NaN, infinite or negative"):
        ec.Interactions.from_matrix(sparse.csr_array(np.array([weights])))


def test_what_can_not_be_folded_is_refused():
    table = pl.DataFrame({"user_id": [1, None], "item_id": [1, 2]})
    with pytest.raises(DataError, match="user_id is empty in some events"):
        ec.Interactions.from_events(table)
    with pytest.raises(DataError, match="no column 'item_id'"):
        ec.Interactions.from_events(table.select("user_id"))
    with pytest.raises(ParameterError, match="half_life needs events with a timestamp"):
        ec.Interactions.from_events(table.head(1), half_life="1d")
    with pytest.raises(ParameterError, match="finite"):
        ec.Interactions.from_events(table.head(1), event_weights={"share": float("nan")})
