"""The page of a tuning: one file of HTML that needs nothing else."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from endcap.report import charts
from endcap.report.html import document, figure, paragraph, section, table, tiles, with_small
from endcap.tuning.final import DEFAULTS, TUNED
from endcap.tuning.verdict import in_words

if TYPE_CHECKING:
    from endcap.tuning.tuning import Tuning

_SHOWN_TRIALS = 15


def tuning_page(title: str, tuning: Tuning) -> str:
    """Return the page as HTML."""
    verdict = "".join(f"<li>{escape(line)}</li>" for line in tuning.verdict)
    if tuning.final.is_certain:
        head = f"Tuning makes {tuning.model} better"
    else:
        head = f"The defaults of {tuning.model} are good enough"
    return document(
        f"{title}: tuning of {tuning.model}",
        f"<header><p class=shop>{escape(title)} · tuning of {escape(tuning.model)}</p><h1>{escape(head)}</h1>"
        f"<ul class=verdict>{verdict}</ul>{tiles(_tiles(tuning))}</header>"
        f"<main id=main>{_parameters(tuning)}{_worth(tuning)}{_curve(tuning)}{_mattered(tuning)}{_trials(tuning)}"
        f"{_method(tuning)}</main>",
    )


def _tiles(tuning: Tuning) -> dict[str, str]:
    return {
        f"{tuning.metric} tuned, on the test": f"{tuning.final.figures[TUNED].value:.4f}",
        f"{tuning.metric} of the defaults": f"{tuning.final.figures[DEFAULTS].value:.4f}",
        "trials": f"{len(tuning.search.tried):,}",
        "users tested": f"{tuning.final.users:,}",
    }


def _parameters(tuning: Tuning) -> str:
    rows = [
        (name, [escape(_value(tuning.defaults[name])), escape(_value(value))])
        for name, value in tuning.parameters.items()
    ]
    lead = "What was best on the past, beside what the search began with."
    if tuning.fixed:
        lead += f" Fixed: {in_words(tuning.fixed)}."
    listed = table("Parameters", ["parameter", "before", "best on the past"], rows)
    return section("parameters", "Best parameters", paragraph(lead, "lead") + listed)


def _worth(tuning: Tuning) -> str:
    rows = [
        {"name": name, "value": one.value, "low": one.low, "high": one.high}
        for name, one in sorted(tuning.final.figures.items(), key=lambda item: item[1].value, reverse=_up(tuning))
    ]
    shown = f"{tuning.metric} on the test"
    chart = figure(
        charts.intervals(rows, highlight=TUNED),
        "chart-test",
        shown,
        f"{shown}: " + ", ".join(f"{row['name']} {row['value']:.4f}" for row in rows),
        "Dots are figures over users, whiskers their 95 % intervals. The gain below is paired, so it is surer than "
        "these whiskers make it look.",
    )
    gain = tuning.final.gain
    listed = table(
        "How optimistic the search was",
        ["", f"{tuning.metric} on the past", f"{tuning.metric} on the test"],
        [
            *(
                (name, [f"{tuning.validation[name]:.4f}", f"{tuning.final.figures[name].value:.4f}"])
                for name in (DEFAULTS, TUNED)
            ),
            (
                "gain",
                [f"{tuning.promised:+.4f}", with_small(f"{gain.value:+.4f}", f"{gain.low:+.4f} to {gain.high:+.4f}")],
            ),
        ],
    )
    better = "A gain above zero is for the better. " if _up(tuning) else "RMSE is an error: lower is better; a gain is "
    better += "" if _up(tuning) else "how much it falls. "
    lead = (
        f"{better}The best of many trials on the past is a little lucky there, so its figure on the past is too good "
        "to be true; the test was looked at once. "
    )
    lead += (
        f"Of the promised gain it didn't confirm {tuning.optimism:.4f}."
        if tuning.optimism > 0
        else "It confirmed the promised gain in full."
    )
    return section("worth", "What it is worth", paragraph(lead, "lead") + f"<div class=grid>{chart}</div>{listed}")


def _curve(tuning: Tuning) -> str:
    curve = tuning.curve
    whole = curve.filter(curve["note"] == "")
    if len(whole) < 2:
        return ""
    chart = charts.search_curve(
        whole["trial"].to_list(), whole["value"].to_list(), curve["trial"].to_list(), curve["best"].to_list()
    )
    ended = len(curve) - len(whole)
    caption = "A dot for each trial that ran to the end; the line is the best so far." + (
        f" {ended} trials were ended early, being behind, and have no dot." if ended else ""
    )
    title = f"{tuning.metric} on the past, trial by trial"
    alt = f"{title}: from {tuning.validation[DEFAULTS]:.4f} to {tuning.validation[TUNED]:.4f}"
    return section("curve", "The search", figure(chart, "chart-curve", title, alt, caption))


def _mattered(tuning: Tuning) -> str:
    found = tuning.importance
    if not found:
        return ""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found.items())
    chart = figure(
        charts.shares(found),
        "chart-importance",
        "What set the best trials apart",
        f"Importance: {shares}",
        "How far the best tenth of the trials are from all of them in each parameter (PED-ANOVA), as shares.",
    )
    return section("mattered", "What mattered", chart)


def _trials(tuning: Tuning) -> str:
    best = sorted(tuning.search.whole, key=lambda one: one.value, reverse=_up(tuning))[:_SHOWN_TRIALS]
    names = list(tuning.parameters)
    rows = [
        (
            str(tuning.search.tried.index(one) + 1),
            [f"{one.value:.4f}", f"{one.seconds:.1f} s", *(escape(_value(one.parameters[name])) for name in names)],
        )
        for one in best
    ]
    head = ["trial", tuning.metric, "took", *names]
    return section("trials", "The best trials", table(f"The best {len(rows)} trials on the past", head, rows))


def _method(tuning: Tuning) -> str:
    lines = [
        *tuning.how,
        "Proposed by the tree-structured Parzen estimator (Optuna), the defaults first.",
        "Intervals: bootstrap over users; the gain is paired.",
        f"Seed {tuning.seed}; {tuning.seconds:.0f} seconds.",
    ]
    return section(
        "method", "How this was done", f"<ul class=notes>{''.join(f'<li>{escape(x)}</li>' for x in lines)}</ul>"
    )


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) and math.isfinite(value) else str(value)


def _up(tuning: Tuning) -> bool:
    return tuning.search.aim.higher_is_better
