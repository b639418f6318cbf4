import pytest

from endcap.automatic.check import Check, failures, is_usual


@pytest.mark.parametrize(
    ("before", "most"), [(0.0, 0.1), (0.05, 0.15), (0.13, 0.26), (0.33, 0.66), (0.6, 0.8), (0.85, 0.95)]
)
def test_a_share_may_double_or_take_half_of_what_was_left_or_ten_points(before, most):
    assert is_usual(most - 1e-9, before)
    assert not is_usual(most + 0.01, before)


def test_what_was_not_passed():
    checks = [Check("a", True, ""), Check("b", False, "why"), Check("c", False, "why", "model")]
    assert [one.name for one in failures(checks)] == ["b", "c"]
    assert checks[2].to_dict() == {"name": "c", "passed": False, "told": "why", "about": "model"}
