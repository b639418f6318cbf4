"""What to make of a tuning, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from endcap.tuning.final import DEFAULTS, TUNED

if TYPE_CHECKING:
    from endcap.tuning.tuning import Tuning


def verdict_lines(tuning: Tuning) -> list[str]:
    """Return whether tuning was worth it, how optimistic the search was, and what mattered."""
    return [_gain(tuning), *_optimism(tuning), *_mattered(tuning), _trials(tuning)]


def in_words(parameters: dict[str, Any]) -> str:
    """Return parameters as they would be typed, numbers rounded to four digits."""
    return ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}" for name, value in parameters.items()
    )


def _gain(tuning: Tuning) -> str:
    gain, model, metric = tuning.final.gain, tuning.model, tuning.metric
    before = tuning.final.figures[DEFAULTS].value
    if tuning.parameters == tuning.defaults:
        return f"The defaults of {model} are the best that was found: keep them."
    interval = f"{gain.value:+.4f} (95 %: {gain.low:+.4f} to {gain.high:+.4f})"
    if not tuning.search.aim.higher_is_better:
        interval = f"{-gain.value:+.4f} (95 %: {-gain.high:+.4f} to {-gain.low:+.4f})"
    if tuning.final.is_certain:
        share = f", {abs(gain.value) / before:.1%} better" if before > 0 else ""
        return f"Tuned, {model} changes its {metric} on the test by {interval}{share}: use {in_words(tuning.proposed)}."
    if gain.high < 0:
        return f"What was best on the past does worse on the test, {metric} {interval}: keep the defaults of {model}."
    return f"The defaults of {model} were as good: tuned, {metric} changes on the test by {interval}. Keep them."


def _optimism(tuning: Tuning) -> list[str]:
    if tuning.parameters == tuning.defaults:
        return []
    past, test = tuning.validation[TUNED], tuning.final.figures[TUNED].value
    kept = f"the test gave {tuning.final.gain.value:+.4f}"
    return [
        f"On the past, by which they were chosen, the parameters had {tuning.metric} {past:.4f}, on the test "
        f"{test:.4f}; the past promised a gain of {tuning.promised:.4f} over the defaults, {kept}."
    ]


def _mattered(tuning: Tuning) -> list[str]:
    found = tuning.importance
    if not found:
        return []
    most = [f"{name} ({share:.0%})" for name, share in list(found.items())[:3]]
    return [f"What mattered most: {', '.join(most)}."]


def _trials(tuning: Tuning) -> str:
    tried, whole = len(tuning.search.tried), len(tuning.search.whole)
    resumed = f", {tuning.search.resumed} of them before it was interrupted" if tuning.search.resumed else ""
    ended = f"; {tried - whole} were ended early" if tried > whole else ""
    return f"{tried} trials{resumed}{ended}, {tuning.seconds:.0f} seconds."
