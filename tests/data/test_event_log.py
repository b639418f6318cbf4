from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

START = datetime(2026, 1, 1, 12)


def frame(rows):
    """Make events of (user, item, minute, event, transaction, session)."""
    names = ("user_id", "item_id", "timestamp", "event", "transaction_id", "session_id")
    table = pl.DataFrame(rows, schema=names[: len(rows[0])], orient="row", strict=False)
    times = pl.lit(START) + pl.duration(minutes="timestamp")
    return table.with_columns(times.cast(pl.Datetime("us")).alias("timestamp"))


def log_of(rows):
    made = Interactions.from_events(frame(rows), log=True)
    assert made.log is not None
    return made, made.log


def test_events_come_oldest_first_with_repeats():
    made, log = log_of([("b", 1, 5), ("a", 2, 9), ("a", 1, 3), ("a", 2, 1), ("b", 3, 5)])
    assert log.indptr.tolist() == [0, 3, 5]
    assert made.items.decode(log.items).to_list() == [2, 1, 2, 1, 3]
    assert (np.diff(log.times[:3]) > 0).all()
    assert log.rows().tolist() == [0, 0, 0, 1, 1]


def test_a_session_ends_after_thirty_minutes_of_silence():
    _, log = log_of([("a", 1, 0), ("a", 2, 30), ("a", 3, 61), ("b", 1, 500), ("b", 2, 501)])
    assert log.sessions.tolist() == [0, 0, 1, 0, 0]


def test_session_ids_say_where_sessions_end_and_silence_where_they_are_missing():
    rows = [("a", i, minute, "view_item", None, session) for i, (minute, session) in enumerate(
        [(0, "x"), (100, "x"), (101, "y"), (102, None), (200, None), (201, "z")]
    )]  # fmt: skip
    assert log_of(rows)[1].sessions.tolist() == [0, 0, 1, 1, 2, 2]


def test_baskets_are_purchases_of_one_transaction_or_one_moment():
    rows = [
        ("a", 1, 0, "purchase", "t1"), ("a", 2, 0, "purchase", "t2"), ("a", 3, 0, "purchase", "t1"),
        ("a", 4, 1, "view_item", None), ("a", 5, 2, "purchase", None), ("a", 6, 2, "purchase", None),
        ("a", 7, 3, "purchase", None), ("b", 1, 0, "view_item", None),
    ]  # fmt: skip
    made, log = log_of(rows)
    assert made.items.decode(log.items).to_list() == [1, 3, 2, 4, 5, 6, 7, 1]
    assert log.baskets.tolist() == [0, 0, 1, -1, 2, 2, 3, -1]


def test_without_purchases_every_event_counts_as_one():
    _, log = log_of([("a", 1, 0, "rate"), ("a", 2, 0, "rate"), ("a", 3, 7, "rate")])
    assert log.baskets.tolist() == [0, 0, 1]


def test_what_was_sent_back_is_not_in_it():
    made, log = log_of(
        [("a", 1, 0, "purchase"), ("a", 2, 0, "purchase"), ("a", 1, 9, "refund"), ("b", 1, 0, "purchase")]
    )
    assert made.items.decode(log.items).to_list() == [2, 1]
    assert log.indptr.tolist() == [0, 1, 2]


def test_without_times_the_order_of_the_source_is_kept():
    table = pl.DataFrame({"user_id": [1, 0, 1], "item_id": [5, 5, 4]})
    log = Interactions.from_events(table, log=True).log
    assert log.times is None
    assert log.items.tolist() == [1, 1, 0]
    assert log.sessions.tolist() == log.baskets.tolist() == [0, 0, 0]


def test_interactions_without_a_log_get_one_of_their_pairs():
    plain = Interactions.from_events(frame([("a", 1, 50), ("a", 1, 3), ("a", 2, 4)]))
    assert plain.log is None
    log = Interactions.coerce(plain, log=True).log
    assert plain.items.decode(log.items).to_list() == [2, 1]
    matrix_log = Interactions.coerce(plain.matrix, log=True).log
    assert matrix_log.items.tolist() == [0, 1]
    assert matrix_log.sessions.tolist() == [0, 0]


def test_rare_users_leave_the_log_too():
    made = Interactions.from_events(frame([("a", 1, 0), ("b", 1, 0), ("b", 2, 1)]), log=True, min_user_events=2)
    assert len(made.users) == 1
    assert made.log.items.tolist() == [0, 1]


def test_queries_carry_the_order():
    made, _ = log_of([("a", 1, 0), ("a", 2, 30), ("b", 2, 1), ("b", 3, 0)])
    asked = Queries.of_users(made, ["b", "nobody", "a"])
    assert made.items.decode(asked.log.items).to_list() == [3, 2, 1, 2]
    assert asked.log.indptr.tolist() == [0, 2, 2, 4]
    visitors = Queries.of_histories(made, [[3, 99, 1, 3], [], [2]])
    assert made.items.decode(visitors.log.items).to_list() == [3, 1, 3, 2]
    assert visitors.log.indptr.tolist() == [0, 3, 3, 4]
    assert visitors.log.baskets.tolist() == [0, 1, 2, 0]
    assert Queries.of_histories(made, []).log.indptr.tolist() == [0]


def test_the_log_is_part_of_the_fingerprint():
    first, second = (log_of([("a", 1, 0), ("a", 2, 0)])[0], log_of([("a", 2, 0), ("a", 1, 0)])[0])
    assert first.fingerprint() != second.fingerprint()


EVENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 200), st.just("purchase"), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


@settings(deadline=timedelta(seconds=2), max_examples=60)
@given(EVENTS)
def test_it_holds_every_event_once(rows):
    _, log = log_of(rows)
    told = sorted(zip(log.rows().tolist(), log.items.tolist(), log.times.tolist(), strict=True))
    users, items = sorted({r[0] for r in rows}), sorted({r[1] for r in rows})
    at = [int((START + timedelta(minutes=r[2]) - datetime(1970, 1, 1)) / timedelta(microseconds=1)) for r in rows]
    assert told == sorted((users.index(r[0]), items.index(r[1]), t) for r, t in zip(rows, at, strict=True))
    for row in range(len(users)):
        part = log.take(np.array([row]))
        assert (np.diff(part.times) >= 0).all()
        for numbers in (part.sessions, part.baskets):
            assert numbers[0] == 0
            assert set(np.diff(numbers)) <= {0, 1}


@pytest.mark.parametrize("rows", [[], [-1], [1, 0, 1], [-1, 1]])
def test_take(rows):
    log = EventLog.from_histories([np.array([4, 2], np.int32), np.array([7], np.int32)])
    lists = {-1: [], 0: [4, 2], 1: [7]}
    part = log.take(np.array(rows, np.int64))
    assert part.items.tolist() == [i for r in rows for i in lists[r]]
    assert np.diff(part.indptr).tolist() == [len(lists[r]) for r in rows]
