"""The page of experiments: what is tried out, what is sure of it, and how long it will take."""

from __future__ import annotations

import math
from datetime import timedelta
from html import escape
from typing import Final

from endcap.experiments import results
from endcap.monitor.experiment import Result
from endcap.monitor.words import METRIC, one_gain, verdict
from endcap.recommend.experiments import HOLDOUT
from endcap.report.html import paragraph, section, table, tiles, with_small
from endcap.serve.dashboard.sequence import sequence
from endcap.serve.live import Live

_EXAMPLE: Final = """[experiments]
holdout = 0.05                                # these shoppers are shown best-sellers

[experiments.more-variety]
surface = "recommended-for-you"
[experiments.more-variety.variants.control]   # the surface as it is
[experiments.more-variety.variants.varied]
diversity = 0.4"""


def experiments(live: Live) -> str:
    """Return the page's content."""
    found = results(live.shop)
    if not found:
        return (
            paragraph(
                "Nothing is being tried out. Compare two ways of filling a surface on real shoppers: in endcap.toml,"
            )
            + f'<pre class="card"><code>{escape(_EXAMPLE)}</code></pre>'
            + paragraph("then restart the server. endcap experiments power says how many days it will take.")
        )
    return "".join(_one(result) for result in sorted(found, key=lambda one: not one.experiment.running))


def _one(result: Result) -> str:
    title = "Hold-out: what the whole system is worth" if result.name == HOLDOUT else result.name
    over = "" if result.experiment.running else " (over)"
    body = "".join((_said(result), _tiles(result), _charts(result), _variants(result), _gains(result)))
    return section(f"experiment-{result.name}", title + over, body)


def _said(result: Result) -> str:
    if not result.is_valid:
        return f'<p class="invalid" role="alert">{escape(_capital(verdict(result)))}.</p>'
    if not result.deciding:
        return paragraph(_capital(verdict(result)) + ".", "lead")
    return "".join(paragraph(_capital(one_gain(result, gain)) + ".", "plain") for gain in result.deciding)


def _tiles(result: Result) -> str:
    experiment = result.experiment
    sure = result.deciding and all(gain.is_sure for gain in result.deciding)
    wait = "-" if result.days_to_go is None else f"{result.days_to_go:,}"
    to_go = "decided" if sure else wait if experiment.running else "over"
    return tiles(
        {
            "days" if result.start is None else f"days, since {result.start:%d %b %Y}": f"{result.days:,}",
            "shoppers": f"{result.variants['shoppers'].sum():,}",
            "decides": METRIC[experiment.metric],
            f"days to go, for {experiment.lift:.1%}": to_go,
            "numbers of shoppers as planned": f"yes (p = {result.p_of_ratio:.2g})"
            if result.is_valid
            else "no (p < .001)",
        }
    )


def _charts(result: Result) -> str:
    if result.start is None:
        return ""
    ends = [f"{day:%d %b}" for day in (result.start, result.start + timedelta(days=result.days - 1))]
    drawn = []
    for gain in result.deciding:
        looks = [row for row in result.sequence.iter_rows(named=True) if row["variant"] == gain.variant]
        if any(look["low"] is not None for look in looks):
            title = f"{gain.variant} against {result.experiment.control}: {METRIC[gain.metric]}"
            drawn.append(sequence(title, looks, lift=result.experiment.lift, first=ends[0], last=ends[1]))
    return f'<div class="pair">{"".join(drawn)}</div>' if drawn else ""


def _variants(result: Result) -> str:
    rows = [
        (
            row["variant"],
            [
                with_small(f"{row['shoppers']:,}", f"planned {row['planned']:.1%}"),
                f"{row['impressions']:,}",
                f"{row['clicks']:,}",
                _share(row["click_through"]),
                _share(row["conversion"]),
                "-" if math.isnan(row["revenue"]) else f"{row['revenue']:,.2f}",
            ],
        )
        for row in result.variants.iter_rows(named=True)
    ]
    head = ("variant", "shoppers", "impressions", "clicks", "click-through", "conversion", "revenue per shopper")
    made = table("The variants; the first is the control", head, rows)
    if not result.several:
        return made
    return made + paragraph(
        f"{result.several:,} shoppers saw more than one variant; each counts for the first.", "soft"
    )


def _gains(result: Result) -> str:
    rows = []
    for gain in result.gains:
        middle, low, high = gain.relative
        early = math.isnan(low)
        told = "too early to say" if early else with_small(f"{middle:+.2%}", f"{low:+.2%} to {high:+.2%}")
        rows.append((gain.variant, [escape(METRIC[gain.metric]), told]))
    if not rows:
        return ""
    return table("Against the control, with always-valid 95 % intervals", ("variant", "of", "change"), rows, text=(1,))


def _share(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.2%}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith(("invalid", "nobody")) else text
