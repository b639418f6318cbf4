"""Whether the variants have as many shoppers as they were meant to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ALARM: Final = 0.001
"""Below this probability the result is invalid: Fabijan et al., "Diagnosing sample ratio mismatch in online controlled
experiments" (KDD 2019), recommend so strict a limit because every experiment is checked, often."""


def sample_ratio(counts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Return how probable counts at least as far from the planned shares are by chance (Pearson's chi-square test).

    A small one says that something other than chance decides who is counted: answers of one variant that fail or are
    slower, a cache, robots, weights that were changed. No figure of such an experiment can be believed.

    Examples
    --------
    >>> from endcap.monitor.sample_ratio import sample_ratio
    >>> round(sample_ratio({"a": 5_100, "b": 4_900}, {"a": 0.5, "b": 0.5}), 4)
    0.0455
    >>> sample_ratio({"a": 5_300, "b": 4_700}, {"a": 0.5, "b": 0.5}) < 0.001
    True
    """
    from scipy.special import chdtrc

    whole = sum(counts.get(name, 0) for name in shares)
    if not whole:
        return 1.0
    far = sum((counts.get(name, 0) - whole * share) ** 2 / (whole * share) for name, share in shares.items())
    return float(chdtrc(len(shares) - 1, far))
