"""Ids to positions and back, by every way of looking up."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.data.vocabulary import Vocabulary
from endcap.errors import IdTypeError

NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 30))
TEXT = st.text(max_size=3)


@settings(deadline=None)
@given(
    st.one_of(*(st.tuples(st.lists(one, min_size=1), st.lists(one)) for one in (NUMBERS, TEXT))),
    st.sampled_from([1, 300]),
)
def test_every_way_agrees_with_a_dictionary(lists, times):
    known, asked = lists
    asked = (asked + known) * times
    vocabulary = Vocabulary(known)
    places = {
        id_: at for at, id_ in enumerate(sorted(set(known), key=lambda i: i.encode() if isinstance(i, str) else i))
    }
    expected = [places.get(id_, -1) for id_ in asked]
    assert vocabulary.encode(pl.Series(asked)).tolist() == expected
    assert vocabulary.encode(asked).tolist() == expected
    assert vocabulary.encode(asked[:3]).tolist() == expected[:3]
    assert vocabulary.decode(vocabulary.encode(known)).to_list() == known


@pytest.mark.parametrize(
    "ids", [[f"sku-{n}" for n in range(300)], list(range(0, 300 * 10**9, 10**9)), list(range(300))]
)
@pytest.mark.parametrize("few", [1, 10, 300])
def test_positions_belong_to_who_asked(ids, few):
    vocabulary = Vocabulary(ids)
    for asked in (ids[:few], pl.Series(ids[:few])):
        positions = vocabulary.encode(asked)
        positions[0] = -7
        assert vocabulary.encode(asked)[0] == vocabulary.encode(ids[:1])[0] != -7


def test_narrow_and_wide_numbers_mix():
    vocabulary = Vocabulary(pl.Series([1, 200], dtype=pl.UInt8))
    assert vocabulary.encode(pl.Series([200, -1, 2**40])).tolist() == [1, -1, -1]
    assert vocabulary.encode([np.int64(200)]).tolist() == [1]
    assert vocabulary.encode(pl.Series([2**64 - 1, 1] * 200, dtype=pl.UInt64)).tolist() == [-1, 0] * 200


@pytest.mark.parametrize("first", [-(2**63), -3, 0, 2**63 - 300])
def test_numbers_far_beyond_dense_ones_and_nulls_are_unknown(first):
    vocabulary = Vocabulary(range(first, first + 300))
    far = [
        n for n in (-(2**63), first - 1, first + 300, 2**63 - 1) if -(2**63) <= n < first or first + 300 <= n < 2**63
    ]
    asked = pl.Series([None, first, first + 299, *far] * 100, dtype=pl.Int64)
    assert vocabulary.encode(asked).tolist() == [-1, 0, 299, *[-1] * len(far)] * 100


def test_the_wrong_type_is_told():
    with pytest.raises(IdTypeError, match="ids here are text, for example 'a', but numbers were given, for example 1"):
        Vocabulary(["a"]).encode([1])
    with pytest.raises(IdTypeError):
        Vocabulary([1]).encode(["a"])
    with pytest.raises(IdTypeError):
        Vocabulary([1]).encode([True])
    assert True not in Vocabulary(["a"])
    assert "a" in Vocabulary(["a"])
