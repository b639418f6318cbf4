"""How often somebody may do something."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.serve import limits
from endcap.serve.limits import Rate


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60), st.floats(0.5, 20))
def test_never_more_than_the_burst_and_what_time_adds(gaps, rate):
    clock = [0.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        bucket, allowed = Rate(rate, burst=3), 0
        for gap in gaps:
            clock[0] += gap
            wait = bucket.wait("ann")
            allowed += wait == 0
            assert 0 <= wait <= 1 / rate
        assert allowed <= 3 + sum(gaps) * rate + 1e-6


def test_clients_have_buckets_of_their_own():
    bucket = Rate(0.001, burst=1)
    assert bucket.wait("ann") == 0
    assert bucket.wait("ann") > 0
    assert bucket.wait("bob") == 0
