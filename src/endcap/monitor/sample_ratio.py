"""Whether the variants have as many shoppers as they were meant to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

ALARM: Final = 0.001
"""Below this probability the result is invalid: Fabijan et al., "Diagnosing sample ratio mismatch in online controlled
experiments" (KDD 2019), recommend so strict a limit because every experiment is checked, often."""
_PRIOR_SHOPPERS: Final = np.array([1.0, 10.0, 100.0, 1_000.0, 10_000.0])
"""How sure the priors are of the planned shares, in shoppers: what goes wrong may be gross or slight."""


def sample_ratio(counts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Return how probable counts at least as far from the planned shares are by chance, at any look.

    A small one says that something other than chance decides who is counted: answers of one variant that fail or are
    slower, a cache, robots, weights that were changed. No figure of such an experiment can be believed.

    The test may be looked at after every shopper: as long as the shares are as planned, the probability that it ever
    falls below p is p at most. It is the Bayes factor of the planned shares against Dirichlet priors around them
    (Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data", NeurIPS 2022), averaged over priors from
    wide to narrow.

    Examples
    --------
    >>> from endcap.monitor.sample_ratio import sample_ratio
    >>> sample_ratio({"a": 5_100, "b": 4_900}, {"a": 0.5, "b": 0.5})
    1.0
    >>> sample_ratio({"a": 5_300, "b": 4_700}, {"a": 0.5, "b": 0.5}) < 0.001
    True
    """
    from scipy.special import gammaln, logsumexp

    planned = np.array(list(shares.values()))
    seen = np.array([counts.get(name, 0) for name in shares])
    prior = _PRIOR_SHOPPERS[:, None] * planned
    against = (gammaln(prior + seen) - gammaln(prior) - seen * np.log(planned)).sum(axis=1)
    against += gammaln(_PRIOR_SHOPPERS) - gammaln(_PRIOR_SHOPPERS + seen.sum())
    return float(np.exp(min(0.0, np.log(len(against)) - logsumexp(against))))
