from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.errors import DataError
from endcap.evaluation.protocol import repeat_share
from endcap.evaluation.task import make_task


def frame(*pairs, **columns):
    users, items = zip(*pairs, strict=True)
    return pl.DataFrame({"user_id": users, "item_id": items, **columns})


TRAIN = Interactions.from_events(frame((1, 10), (1, 11), (2, 10), (3, 12)))


def right(task):
    return np.split(task.relevant.indices, task.relevant.indptr[1:-1])


def test_who_and_what_is_asked():
    test = Events(frame((2, 11), (2, 11), (2, 99), (1, 10), (7, 10), (1, 12)))
    task = make_task(TRAIN, test, exclude_seen=False)
    assert TRAIN.users.decode(task.queries.rows).to_list() == [1, 2]
    assert [r.tolist() for r in right(task)] == [[0, 2], [1, 3]]  # 3: behind the catalogue of 3
    assert (task.cold_users, task.cold_items, task.cold_pairs, task.repeating_users) == (1, 1, 1, 0)
    assert task.queries.histories.toarray().tolist() == [[1, 1, 0], [1, 0, 0]]


def test_seen_items_are_not_relevant_where_they_are_excluded():
    task = make_task(TRAIN, Events(frame((1, 10), (1, 12), (2, 10), (3, 99))), exclude_seen=True)
    assert TRAIN.users.decode(task.queries.rows).to_list() == [1, 3]
    assert [r.tolist() for r in right(task)] == [[2], [3]]
    assert task.repeating_users == 1


def test_what_was_sent_back_is_not_relevant():
    test = frame((1, 12), (1, 12), (2, 12), event=["purchase", "refund", "purchase"])
    task = make_task(TRAIN, Events(test), exclude_seen=True)
    assert TRAIN.users.decode(task.queries.rows).to_list() == [2]


def test_nobody_to_measure():
    with pytest.raises(DataError, match="has a history before it;"):
        make_task(TRAIN, Events(frame((7, 10))), exclude_seen=False)
    with pytest.raises(DataError, match="takes something new"):
        make_task(TRAIN, Events(frame((1, 10))), exclude_seen=True)


def at(*days):
    return pl.Series([datetime(2026, 1, 1) + timedelta(days=d) for d in days], dtype=pl.Datetime("us"))


def test_share_of_repeats():
    # In the last 10 days: user 1 takes 10 again, 10 once more (one pair), and 12; user 5 is new.
    events = frame((1, 10), (2, 11), (1, 10), (1, 10), (1, 12), (5, 10), timestamp=at(0, 5, 91, 95, 99, 100))
    assert repeat_share(Events(events), timedelta(days=10)) == 0.5


def test_share_of_repeats_where_nobody_came_back():
    events = Events(frame((1, 10), (2, 10), timestamp=at(0, 100)))
    assert np.isnan(repeat_share(events, timedelta(days=10)))
    once = Events(frame((1, 10), timestamp=at(0)))
    assert np.isnan(repeat_share(once, timedelta(days=10)))


def test_what_was_taken_brought_in_its_price_unless_it_was_only_seen_or_sent_back():
    test = Events(
        frame(
            (2, 11), (2, 11), (1, 12), (1, 99), (2, 10), (3, 10),
            event=["purchase", "purchase", "view_item", "purchase", "purchase", "purchase"],
            price=[5.0, 4.0, 9.0, 2.5, None, 3.0],
            quantity=[2, 1, 1, 2, 1, None],
        )
    )  # fmt: skip
    task = make_task(TRAIN, test, exclude_seen=False)
    assert [r.tolist() for r in right(task)] == [[2, 3], [0, 1], [0]]
    assert task.values.tolist() == [0, 5, 0, 14, 3]
    excluding = make_task(TRAIN, test, exclude_seen=True)
    assert [r.tolist() for r in right(excluding)] == [[2, 3], [1], [0]]
    assert excluding.values.tolist() == [0, 5, 14, 3]
    assert make_task(TRAIN, Events(frame((2, 11))), exclude_seen=False).values is None
