"""Charts of `endcap explore`, in the form of `endcap.report.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from endcap.report.charts import Chart

_LONGEST = 24
_LEGEND = {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"}


def short(name: str) -> str:
    """Return a name that fits beside a chart on a phone; an id in brackets at its end stays."""
    if len(name) <= _LONGEST:
        return name
    head, space, tail = name.rpartition(" (")
    id_ = f" ({tail}" if space and tail.endswith(")") and len(tail) < _LONGEST // 2 else ""
    return f"{(head if id_ else name)[: _LONGEST - 1 - len(id_)].rstrip()}…{id_}"


def columns(
    x: Sequence[Any],
    y: Sequence[Any],
    hover: str,
    *,
    across: str,
    up: str,
    percent: bool = False,
    colour: str = "--accent",
    height: int = 320,
    zoom: bool = False,
    words: bool = False,
) -> Chart:
    """Return upright bars; `hover` is Plotly's template, `words` says that x are names rather than numbers."""
    bars = {"type": "bar", "x": list(x), "y": list(y), "marker": {"color": colour}, "hovertemplate": _plain(hover)}
    return {
        "zoom": zoom,
        "data": [bars],
        "layout": _layout(height, across, up, percent)
        | {"bargap": 0.18}
        | ({"xaxis": _axis(across) | {"type": "category", "showgrid": False}} if words else {}),
    }


def lines(
    x: Sequence[Any],
    series: Sequence[tuple[str, Sequence[Any], str]],
    hover: str,
    *,
    across: str,
    up: str,
    percent: bool = False,
    height: int = 320,
    zoom: bool = False,
    dots: bool = False,
) -> Chart:
    """Return lines over the same x, each `(name, y, colour)`; the template `hover` may name %{fullData.name}."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers" if dots else "lines",
            "name": name,
            "x": list(x),
            "y": list(y),
            "line": {"color": colour, "width": 2.5},
            "hovertemplate": _plain(hover),
        }
        for name, y, colour in series
    ]
    layout = _layout(height, across, up, percent) | {"showlegend": len(series) > 1, "legend": _LEGEND}
    if len(series) > 1:
        layout["margin"] = {"l": 8, "r": 12, "t": 34, "b": 44}
    return {"zoom": zoom, "data": traces, "layout": layout}


def heat(
    x: Sequence[str],
    y: Sequence[str],
    z: Sequence[Sequence[float | None]],
    text: Sequence[Sequence[str]],
    *,
    middle: float | None = None,
    across: str = "",
    row_height: int = 26,
    words_below: bool = False,
) -> Chart:
    """Return a table of colours, the first row on top; `text` is said on hovering; with `middle`, both sides differ."""
    known = [value for row in z for value in row if value is not None] or [0.0]
    if middle is None:
        low, high, scale = 0.0, max(known) or 1.0, [[0, "--heat-0"], [1, "--accent"]]
    else:
        reach = max(abs(value - middle) for value in known) or 1.0
        low, high = middle - reach, middle + reach
        scale = [[0, "--second"], [0.5, "--heat-0"], [1, "--accent"]]
    trace = {
        "type": "heatmap",
        "x": list(x),
        "y": list(y),
        "z": [list(row) for row in z],
        "text": [list(row) for row in text],
        "zmin": low,
        "zmax": high,
        "colorscale": scale,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": "%{text}<extra></extra>",
    }
    below = 100 if words_below else 44
    xaxis = _axis(across) | {"type": "category", "showgrid": False, "tickangle": -40 if words_below else 0}
    return {
        "data": [trace],
        "layout": {
            "height": row_height * max(len(y), 3) + below + 8,
            "margin": {"l": 8, "r": 8, "t": 8, "b": below},
            "xaxis": xaxis | ({} if words_below else {"nticks": 13}),
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False, "automargin": True, "ticks": ""},
            "showlegend": False,
        },
    }


def moves(rows: Sequence[tuple[str, float, float, str]], *, before: str, after: str, across: str) -> Chart:
    """Return what each name had before and has now, `(name, before, after, hover)`, the first on top."""
    names = _distinct([row[0] for row in rows])[::-1]
    backwards = list(rows)[::-1]
    segments: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [row[1], row[2]],
            "y": [name, name],
            "line": {"color": "--quiet", "width": 2},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for name, row in zip(names, backwards, strict=True)
    ]
    ends = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [row[place] for row in backwards],
            "y": names,
            "marker": {"color": colour, "size": 10, "symbol": symbol, "line": {"color": colour, "width": 2}},
            "cliponaxis": False,
            "customdata": [row[3] for row in backwards],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for place, name, colour, symbol in ((1, before, "--quiet", "circle-open"), (2, after, "--accent", "circle"))
    ]
    most = max((end for row in rows for end in row[1:3]), default=1.0)
    return {
        "data": segments + ends,
        "layout": {
            "height": 90 + 26 * len(rows),
            "margin": {"l": 8, "r": 14, "t": 34, "b": 44},
            "xaxis": _axis(across) | {"range": [-0.03 * most, 1.03 * most], "nticks": 5, "zeroline": False},
            # Names are names, also where all of them look like numbers.
            "yaxis": {"type": "category", "automargin": True, "showgrid": False, "range": [-0.6, len(rows) - 0.4]},
            "legend": _LEGEND,
        },
    }


def rows(names: Sequence[str], values: Sequence[float], hover: Sequence[str], *, across: str, colour: str) -> Chart:
    """Return lying bars of shares, a line a name, the first on top."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": list(values)[::-1],
        "y": _distinct(names)[::-1],
        "customdata": list(hover)[::-1],
        "marker": {"color": colour},
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {
        "data": [bars],
        "layout": {
            "height": 60 + 24 * len(names),
            "margin": {"l": 8, "r": 14, "t": 4, "b": 44},
            "bargap": 0.25,
            "xaxis": _axis(across) | {"tickformat": ".0%", "rangemode": "tozero", "nticks": 6},
            "yaxis": {"type": "category", "automargin": True, "showgrid": False, "dtick": 1},
            "showlegend": False,
        },
    }


def _layout(height: int, across: str, up: str, percent: bool) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 44},
        "xaxis": _axis(across) | {"showgrid": False},
        "yaxis": {
            "automargin": True,
            "rangemode": "tozero",
            "title": {"text": up, "standoff": 8},
            "nticks": 6,
            "tickformat": ".0%" if percent else "",
        },
        "showlegend": False,
    }


def _axis(title: str) -> dict[str, Any]:
    return {"automargin": True, "title": {"text": title, "standoff": 10}}


def _plain(hover: str) -> str:
    return f"{hover}<extra></extra>"


def _distinct(names: Sequence[str]) -> list[str]:
    """Return short names, told apart where shortening made them equal: equal ones would share a line."""
    seen: dict[str, int] = {}
    given = []
    for name in map(short, names):
        seen[name] = seen.get(name, 0) + 1
        given.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return given
