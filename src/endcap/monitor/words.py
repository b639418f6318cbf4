"""What a result says, in a sentence."""

from __future__ import annotations

import math
from typing import Final

from endcap.monitor.experiment import FEWEST, FEWEST_ACTIVE, Gain, Result
from endcap.recommend.experiments import Metric

METRIC: Final[dict[Metric, str]] = {
    "revenue": "revenue per shopper",
    "conversion": "shoppers who bought",
    "clicks": "shoppers who clicked",
}


def verdict(result: Result) -> str:
    """Return what is to be made of an experiment: whether it can be believed, what is sure, and what isn't yet."""
    if result.start is None:
        return "nobody was answered yet"
    if not result.is_valid:
        rows = result.variants.select("variant", "shoppers", "planned").iter_rows()
        told = ", ".join(f"{name} has {n:,} shoppers, planned {planned:.1%}" for name, n, planned in rows)
        return (
            f"invalid: {told} (p = {result.p_of_ratio:.1g}); something other than chance decides who is counted, such "
            "as answers that fail, a cache, robots, or weights that were changed. Find it before believing any figure"
        )
    return "; ".join(one_gain(result, gain) for gain in result.deciding)


def one_gain(result: Result, gain: Gain) -> str:
    """Return what is sure of one variant beside the control."""
    lift = result.experiment.lift
    middle, low, high = gain.relative
    what = METRIC[gain.metric]
    if math.isnan(low):
        return (
            f"{gain.variant}: too early to say; it takes {FEWEST} shoppers in each variant, and {FEWEST_ACTIVE} "
            f"{_DID[gain.metric]}"
        )
    told = f"{middle:+.1%} {what} ({low:+.1%} to {high:+.1%})"
    if low > 0:
        return f"{gain.variant} is better than {result.experiment.control}: {told}"
    if high < 0:
        return f"{gain.variant} is worse than {result.experiment.control}: {told}"
    if -lift < low and high < lift:
        return f"{gain.variant} makes no difference of {lift:.1%} or more: {told}"
    return f"{gain.variant}: not decided yet, {told}{_wait(result)}"


_DID: Final[dict[Metric, str]] = {
    "revenue": "of them with a purchase that has a price",
    "conversion": "of them who bought",
    "clicks": "of them who clicked",
}


def _wait(result: Result) -> str:
    if not result.experiment.running:
        return ""
    lift = f"{result.experiment.lift:.1%}"
    if result.days_to_go is None:
        return f"; a change of {lift} would take more than ten years"
    if result.days_to_go == 0:
        return f"; a change of {lift} should have shown by now"
    return f"; {result.days_to_go:,} more days to find {lift}"
