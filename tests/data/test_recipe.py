from datetime import UTC, datetime

import polars as pl
import pytest
from pydantic import ValidationError

from endcap.data.recipe import Rule, apply_recipe

EVENTS = pl.DataFrame(
    {
        "user_id": [1, 2, 2, 3],
        "item_id": ["a", "b", "b", "c"],
        "timestamp": [datetime(2026, 1, day) for day in (1, 2, 2, 3)],
        "event_id": ["w", "x", "y", "z"],
    }
)


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"rule": "without_users", "ids": [1, "3", "nobody"]}, [2, 2]),
        ({"rule": "without_items", "ids": ["b", 7]}, [1, 3]),
        ({"rule": "without_repeats"}, [1, 2, 3]),
        ({"rule": "from", "time": datetime(2026, 1, 2)}, [2, 2, 3]),
        ({"rule": "until", "time": datetime(2026, 1, 2, tzinfo=UTC)}, [1]),
    ],
)
def test_rules(rule, left):
    kept, counts = apply_recipe(EVENTS, [Rule(**rule)])
    assert kept["user_id"].to_list() == left
    assert counts == [4 - len(left)]


def test_rules_follow_each_other():
    rules = [Rule(rule="without_repeats"), Rule(rule="without_users", ids=[2])]
    kept, counts = apply_recipe(EVENTS, rules)
    assert counts == [1, 1]
    assert len(kept) == 2


def test_a_rule_of_times_leaves_events_without_times_alone():
    assert apply_recipe(EVENTS.drop("timestamp"), [Rule(rule="from", time=datetime(2030, 1, 1))])[1] == [0]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"rule": "without_users"}, "needs ids"),
        ({"rule": "from"}, "needs a time"),
        ({"rule": "sometimes"}, "without_users"),
    ],
)
def test_a_rule_that_says_too_little_is_refused(rule, message):
    with pytest.raises(ValidationError, match=message):
        Rule(**rule)
