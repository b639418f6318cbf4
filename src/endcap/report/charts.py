"""Charts as Plotly's traces and layouts: plain data, drawn by the page.

A colour is named by its CSS variable, such as "--accent": the page puts in the value for light, dark or print.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import polars as pl

from endcap.exploration.summary import Concentration

Chart: TypeAlias = dict[str, Any]
"""`data` and `layout` as `Plotly.newPlot` takes them; with `zoom`, dragging over it looks closer."""


def intervals(rows: list[dict[str, Any]], *, highlight: str, zero_line: bool = False, percent: bool = False) -> Chart:
    """Return dots with whiskers, a line for each of `rows` (`name, value, low, high`), the first on top."""
    names = [row["name"] for row in rows][::-1]
    values = [row["value"] for row in rows][::-1]
    colours = ["--accent" if name == highlight else "--quiet" for name in names]
    form = ".1%" if percent else ".4f"
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [value],
            "y": [name],
            "marker": {"color": colour, "size": 10},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [row["high"] - value],
                "arrayminus": [value - row["low"]],
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            "hovertemplate": f"%{{y}}: %{{x:{form}}} (95 %: {row['low']:{form}} to {row['high']:{form}})"
            "<extra></extra>",
        }
        for name, value, colour, row in zip(names, values, colours, rows[::-1], strict=True)
    ]
    ends = [e for row in rows for e in (row["low"], row["high"])] + [0.0]
    pad = 0.06 * (max(ends) - min(ends) or 1)
    layout = {
        "height": 56 + 30 * len(rows),
        "margin": {"l": 8, "r": 14, "t": 4, "b": 28},
        "xaxis": {
            "range": [min(ends) - (pad if min(ends) < 0 else 0), max(ends) + pad],
            "tickformat": ".0%" if percent else "",
            "nticks": 5,
            "zeroline": zero_line,
        },
        "yaxis": {"automargin": True, "showgrid": False, "range": [-0.6, len(rows) - 0.4]},
        "showlegend": False,
    }
    return {"data": traces, "layout": layout}


def over_time(periods: pl.DataFrame, period: str, word: str = "events") -> Chart:
    """Return events and active users of every period, one above the other."""
    start = [t.isoformat() for t in periods["start"]]

    def line(name: str, column: str, axis: str, colour: str) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": start,
            "y": periods[column].to_list(),
            "yaxis": axis,
            "line": {"color": colour, "width": 2.5},
            "hovertemplate": f"{period} from %{{x|%-d %b %Y}}: %{{y:,}} {name}<extra></extra>",
        }

    title = {"standoff": 8}
    return {
        "zoom": True,
        "data": [line(word, "events", "y2", "--accent"), line("shoppers", "users", "y", "--second")],
        "layout": {
            "height": 380,
            "margin": {"l": 8, "r": 12, "t": 8, "b": 32},
            "xaxis": {"showgrid": False, "anchor": "y", "nticks": 5, "tickangle": 0},
            "yaxis": {
                "domain": [0, 0.46],
                "rangemode": "tozero",
                "automargin": True,
                "title": title | {"text": "shoppers"},
                "nticks": 5,
            },
            "yaxis2": {
                "domain": [0.54, 1],
                "rangemode": "tozero",
                "automargin": True,
                "title": title | {"text": word},
                "nticks": 5,
            },
            "showlegend": False,
        },
    }


def long_tail(tail: Concentration, word: str = "events") -> Chart:
    """Return which share of events the most taken items have, next to what they had if all were taken alike."""
    curve = {
        "type": "scatter",
        "mode": "lines",
        "x": tail.items.tolist(),
        "y": tail.events.tolist(),
        "line": {"color": "--accent", "width": 2.5},
        "fill": "tozeroy",
        "fillcolor": "--accent-soft",
        "hovertemplate": f"the most taken %{{x:.1%}} of products have %{{y:.1%}} of {word}<extra></extra>",
    }
    even = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": "--quiet", "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    share = {"range": [0, 1.01], "tickformat": ".0%", "nticks": 6, "automargin": True}
    return {
        "data": [curve, even],
        "layout": {
            "height": 320,
            "margin": {"l": 8, "r": 16, "t": 8, "b": 44},
            "xaxis": share | {"title": {"text": "share of products, most taken first"}},
            "yaxis": share | {"title": {"text": f"share of {word}", "standoff": 8}},
            "showlegend": False,
        },
    }


def activity(classes: pl.DataFrame, word: str = "events") -> Chart:
    """Return how many users have how many events."""
    rows = list(classes.iter_rows(named=True))
    names = [f"{r['low']:,}" for r in rows]
    ticks = [f"{r['low'] // 1000}k" if r["low"] >= 1000 else str(r["low"]) for r in rows]
    spans = [name if r["low"] == r["high"] else f"{name} to {r['high']:,}" for name, r in zip(names, rows, strict=True)]
    bars = {
        "type": "bar",
        "x": ticks,
        "y": [r["users"] for r in rows],
        "marker": {"color": "--second"},
        "customdata": spans,
        "hovertemplate": f"%{{y:,}} shoppers with %{{customdata}} {word}<extra></extra>",
    }
    return {
        "data": [bars],
        "layout": {
            "height": 320,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 44},
            "bargap": 0.18,
            "xaxis": {
                "type": "category",
                "title": {"text": f"{word} of a shopper, from …"},
                "showgrid": False,
                "automargin": True,
            },
            "yaxis": {"automargin": True, "title": {"text": "shoppers", "standoff": 8}, "nticks": 6},
            "showlegend": False,
        },
    }


def search_curve(trials: list[int], values: list[float], all_trials: list[int], best: list[float | None]) -> Chart:
    """Return the figures of trials as dots, and the best so far as a line."""
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "trial",
        "x": trials,
        "y": values,
        "marker": {"color": "--quiet", "size": 7},
        "hovertemplate": "trial %{x}: %{y:.4f}<extra></extra>",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "best so far",
        "x": all_trials,
        "y": best,
        "line": {"color": "--accent", "width": 2.5, "shape": "hv"},
        "hovertemplate": "best of %{x} trials: %{y:.4f}<extra></extra>",
    }
    return {
        "zoom": True,
        "data": [dots, line],
        "layout": {
            "height": 320,
            "margin": {"l": 8, "r": 16, "t": 8, "b": 44},
            "xaxis": {"title": {"text": "trial"}, "showgrid": False, "nticks": 8},
            "yaxis": {"automargin": True, "nticks": 6},
            "showlegend": False,
        },
    }


def shares(found: dict[str, float]) -> Chart:
    """Return shares by name as bars, the first on top."""
    names = list(found)[::-1]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [found[name] for name in names],
        "y": names,
        "marker": {"color": "--second"},
        "hovertemplate": "%{y}: %{x:.0%}<extra></extra>",
    }
    return {
        "data": [bars],
        "layout": {
            "height": 56 + 30 * len(names),
            "margin": {"l": 8, "r": 14, "t": 4, "b": 28},
            "bargap": 0.35,
            "xaxis": {"range": [0, max(found.values()) * 1.05], "tickformat": ".0%", "nticks": 5},
            "yaxis": {"automargin": True, "showgrid": False},
            "showlegend": False,
        },
    }
