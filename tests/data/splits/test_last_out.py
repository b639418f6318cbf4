import polars as pl
import pytest

import endcap as ec
from endcap.errors import DataError, ParameterError


def test_the_last_of_every_user_who_has_more(shopping):
    events = shopping([(1, 5, 3), (1, 6, 1), (2, 7, 0), (1, 8, 3), (3, 9, 2), (3, 5, 1)])
    train, test = ec.split_last_out(events)
    assert test.frame["item_id"].to_list() == [8, 9]  # of two on day 3, the one that comes last in the source
    assert train.frame["item_id"].to_list() == [5, 6, 7, 5]
    train, test = ec.split_last_out(events, 2)
    assert test.frame["item_id"].to_list() == [5, 8]
    train, test = ec.split_last_out(events, min_events=1)
    assert test.frame["item_id"].to_list() == [7, 8, 9]


def test_what_can_not_be_split_is_told(shopping):
    with pytest.raises(DataError, match="no user has 2 events"):
        ec.split_last_out(shopping([(1, 1, 0), (2, 1, 4)]))
    with pytest.raises(DataError, match="need timestamps"):
        ec.split_last_out(ec.read_events(pl.DataFrame({"user": [1], "item": [1]})))
    with pytest.raises(ParameterError, match="n=0"):
        ec.split_last_out(shopping([(1, 1, 0)]), 0)
