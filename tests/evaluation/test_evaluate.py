import pytest

import endcap as ec
from endcap.errors import DataError, NotFittedError


def test_the_same_as_in_a_comparison(new_things):
    train, test = ec.split_by_time(ec.Events(new_things))
    compared = ec.compare(ec.ItemKNN(), new_things, exclude_seen=True).table.row(0, named=True)
    alone = ec.evaluate(ec.ItemKNN().fit(train), test)
    for row in alone.table.iter_rows(named=True):
        assert row["value"] == compared[row["metric"]]
        assert (row["low"], row["high"]) == (compared[f"{row['metric']}_low"], compared[f"{row['metric']}_high"])
    assert alone.coverage == compared["coverage"]


def test_own_repeats_may_be_recommended_by_the_model_that_does_so(same_things):
    train, test = ec.split_by_time(ec.Events(same_things))
    assert not ec.evaluate(ec.BuyAgain().fit(train), test).task.exclude_seen
    assert ec.evaluate(ec.BuyAgain().fit(train), test, k=5).table["value"][0] > 0.1


def test_what_cannot_be_evaluated(new_things):
    with pytest.raises(NotFittedError):
        ec.evaluate(ec.Popular(), new_things)
    strangers = new_things.head(3).with_columns(user_id=-1)
    with pytest.raises(DataError, match="nobody can be measured"):
        ec.evaluate(ec.Popular().fit(new_things), strangers)
