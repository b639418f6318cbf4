"""How figures are judged."""

from hypothesis import given
from hypothesis import strategies as st

from endcap.monitor.reading import WORSE, Bounds


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_what_is_worse_is_never_judged_better(one, other):
    for bounds in (Bounds(0.2, 0.5), Bounds(0.5, 0.1, low_is_bad=True)):
        bad, good = (min, max) if bounds.low_is_bad else (max, min)
        assert WORSE.index(bounds.judge(bad(one, other))) >= WORSE.index(bounds.judge(good(one, other)))


def test_a_limit_itself_counts():
    assert [Bounds(0.2, 0.5).judge(figure) for figure in (0.19, 0.2, 0.5)] == ["fine", "warn", "alarm"]
