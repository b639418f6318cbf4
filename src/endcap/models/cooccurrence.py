"""How often pairs of items are in the same basket, and which of these pairs are more than coincidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse

from endcap.data.arrays import BoolArray, CsrMatrix, Float64Array, Int32Array, Int64Array

# Products of a block of items: some tens of megabytes, and Ctrl-C is heard between blocks.
_BLOCK = 2_000_000


class Pairs(NamedTuple):
    """Pairs of items (first < second) and in how many baskets they are together."""

    first: Int32Array
    second: Int32Array
    together: Int64Array

    def where(self, keep: BoolArray) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.first[keep], self.second[keep], self.together[keep])


def frequent_pairs(baskets: CsrMatrix, min_count: int) -> Iterator[Pairs]:
    """Yield, a block at a time, all pairs of items that are together in `min_count` baskets or more.

    Only items that are in so many baskets can be in such a pair, so the rest are left out first. A block holds a few
    million pairs at most, so that memory is bounded whatever the number of distinct pairs.

    Parameters
    ----------
    baskets
        Shape (baskets, items), CSR; whatever is stored counts once.
    """
    frequent = np.flatnonzero(np.bincount(baskets.indices, minlength=baskets.shape[1]) >= min_count).astype(np.int32)
    ones = np.ones(baskets.nnz, np.float32)
    kept = sparse.csr_array((ones, baskets.indices, baskets.indptr), shape=baskets.shape)[:, frequent]
    by_item = kept.T.tocsr()
    work = np.concatenate([[0], np.cumsum(by_item @ np.diff(kept.indptr).astype(np.float64))])
    begin = 0
    while begin < len(frequent):
        end = max(begin + 1, int(np.searchsorted(work, work[begin] + _BLOCK)) - 1)
        block = (by_item[begin:end] @ kept).tocoo()
        row, column = block.coords[0] + begin, block.coords[1]
        often = (block.data >= min_count) & (column > row)
        yield Pairs(frequent[row[often]], frequent[column[often]], block.data[often].astype(np.int64))
        begin = end


def fisher_exact(together: Int64Array, first: Int64Array, second: Int64Array, baskets: int) -> Float64Array:
    """Return the probability of being together in so many baskets or more by chance alone.

    Fisher's exact test, one-sided: were the `second` baskets with the one item drawn from all baskets without regard
    to the `first` with the other, the number of common ones would be hypergeometric (Fisher, "Statistical Methods for
    Research Workers", 1934). Exact also where few are expected, where tests that rest on a normal approximation see
    significance too soon (Dunning, "Accurate methods for the statistics of surprise and coincidence", 1993).

    All arrays are of one shape, that of the result; `together` must be above its expectation, first * second / baskets.
    """
    k, a, b = (x.astype(np.float64) for x in (together, first, second))
    rest = baskets - a - b
    # The terms from k on, as multiples of the one at k, from which they fall.
    total, term = np.ones(len(k)), np.ones(len(k))
    left, at = np.arange(len(k)), k.copy()
    while len(left):
        term = term * (a[left] - at) * (b[left] - at) / ((at + 1) * (rest[left] + at + 1))
        total[left] += term
        going = term > 1e-17 * total[left]
        left, at, term = left[going], at[going] + 1, term[going]
    n = np.full(len(k), float(baskets))
    chance: Float64Array = total * np.exp(_log_choose(a, k) + _log_choose(n - a, b - k) - _log_choose(n, b))
    return np.minimum(chance, 1)


def _log_choose(n: Float64Array, k: Float64Array) -> Float64Array:
    from scipy import special  # a server, which only reads what was found, starts without it

    chosen: Float64Array = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return chosen


def discoveries(p_values: Float64Array, rate: float, tests: int) -> BoolArray:
    """Return which of the p-values may be called discoveries with at most a share `rate` of them false.

    The procedure of Benjamini and Hochberg, "Controlling the false discovery rate" (Journal of the Royal Statistical
    Society B, 1995), among `tests` tests, of which those that aren't given are taken for not significant.
    """
    ordered = np.sort(p_values)
    passed = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / max(tests, 1))
    if len(passed) == 0:
        return np.zeros(len(p_values), np.bool_)
    found: BoolArray = p_values <= ordered[passed[-1]]
    return found
