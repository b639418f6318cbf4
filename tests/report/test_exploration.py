import json
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import endcap as ec
from endcap.errors import DataError

from .test_page import read


def make_shop(*, weeks=20, seed=2):
    """Return purchases, views and prices of a shop with two tastes, and its catalogue."""
    rng = np.random.default_rng(seed)
    lines = []
    for user in range(80):
        for day in np.sort(rng.choice(weeks * 7, 8, replace=False)):
            when = datetime(2026, 1, 1, 9) + timedelta(days=int(day), minutes=int(user))
            for item in rng.choice(np.arange(15) * 2 + user % 2, 3, replace=False):
                lines.append((f"u{user}", int(item), when, "view_item", None))
                lines.append((f"u{user}", int(item), when, "purchase", float(item % 7 + 1)))
    columns = ["user_id", "item_id", "timestamp", "event", "price"]
    events = ec.Events(pl.DataFrame(lines, schema=columns, orient="row"))
    items = pl.DataFrame(
        {
            "item_id": range(30),
            "title": [f"<script>alert({n})</script>" for n in range(30)],
            "product_type": [f"Kind {n % 5} & co > x" for n in range(30)],
        }
    )
    return events, items


@pytest.fixture(scope="module")
def seen():
    return ec.explore(*make_shop())


def test_the_whole_page(seen, tmp_path):
    outline = read(seen.write(tmp_path / "explore.html", title="Jam & <Co>"))
    text = " ".join(outline.words)
    assert "Jam & <Co>" in text
    assert "<script>alert(" in text  # as words, not as elements
    assert outline.headings[0] == "h1"
    assert outline.headings.count("h1") == 1
    parts = {"short", "try", "shoppers", "products", "repeats", "together", "cold", "seasons", "funnel"}
    assert parts <= set(outline.ids)
    assert "missing" not in outline.ids
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert [link for link in outline.links if not link.startswith("#")] == []  # works offline
    for line in seen.lines:
        assert line in text


def test_every_chart_says_in_words_and_in_a_table_what_it_shows(seen, tmp_path):
    html = seen.write(tmp_path / "explore.html").read_text("utf-8")
    assert html.count("data-chart=") == html.count("<details>") == 14
    assert html.count('role="img" aria-label="') == 14


def test_the_ten_lines(seen):
    assert 8 <= len(seen.lines) <= 10
    assert repr(seen) == "\n".join(seen.lines)
    assert seen.lines[0].startswith("3,840 events of 80 shoppers on 30 products, 2026-01-0")


def test_figures_as_json(seen, tmp_path):
    file = seen.write(tmp_path / "explore.json")
    told = json.loads(file.read_text("utf-8"))
    assert told == json.loads(json.dumps(seen.to_dict()))
    assert told["size"]["events"] == 3840
    best = told["sellers"]["best"][0]
    assert best["item_title"] == f"<script>alert({best['item']})</script>"
    assert told["lines"] == seen.lines


def test_what_is_missing_is_named():
    events, _ = make_shop()
    bare = ec.explore(ec.Events(events.frame.select("user_id", "item_id", event=pl.lit("purchase"))))
    needs = dict(bare.findings.missing)
    assert needs["what rises and falls"] == "a column of times"
    assert "prices" in needs["what price bands sell"]
    assert "product_type" in needs["how categories differ and go together"]
    assert bare.findings.trends is None


@pytest.mark.parametrize("columns", [["timestamp"], ["timestamp", "price"], []])
def test_one_row(columns, tmp_path):
    values = {
        "user_id": ["a"],
        "item_id": ["x"],
        "event": ["purchase"],
        "timestamp": [datetime(2026, 1, 1)],
        "price": [1.0],
    }
    events = ec.Events(pl.DataFrame(values).select("user_id", "item_id", "event", *columns))
    seen = ec.explore(events)
    assert seen.lines[0].startswith("1 event of 1 shopper on 1 product")
    read(seen.write(tmp_path / "explore.html"))
    json.loads(seen.write(tmp_path / "explore.json").read_text())


def test_all_at_the_same_moment(tmp_path):
    events, items = make_shop()
    seen = ec.explore(ec.Events(events.frame.with_columns(timestamp=datetime(2026, 1, 1))), items)
    assert seen.findings.returning.one_time == 1
    assert seen.findings.size.days == 0
    read(seen.write(tmp_path / "explore.html"))


def test_no_events():
    with pytest.raises(DataError, match="no events"):
        ec.explore(ec.Events(pl.DataFrame({"user_id": [], "item_id": [], "event": []})))


day = st.floats(0, 500).map(lambda days: datetime(2026, 1, 1) + timedelta(days=days))
kind = st.sampled_from(["purchase", "view_item", "add_to_cart", "refund", "share"])
event = st.tuples(st.sampled_from("abcd"), st.integers(0, 9), day, kind, st.none() | st.floats(0, 1e6))


@settings(max_examples=12, deadline=None)
@given(st.lists(event, min_size=1, max_size=40))
def test_any_events_make_a_page_and_figures(tmp_path_factory, lines):
    columns = ["user_id", "item_id", "timestamp", "event", "price"]
    schema = {
        "user_id": pl.String,
        "item_id": pl.Int64,
        "timestamp": pl.Datetime("us"),
        "event": pl.String,
        "price": pl.Float64,
    }
    events = ec.Events(pl.DataFrame(lines, schema=schema, orient="row").select(columns))
    if set(events.frame["event"]) == {"refund"}:
        return
    seen = ec.explore(events)
    folder = tmp_path_factory.mktemp("any")
    read(seen.write(folder / "explore.html"))
    json.loads(seen.write(folder / "explore.json").read_text())


def test_products_without_titles_are_names_though_they_look_like_numbers():
    """Plotly would place "22423" and "21378" on a line of numbers, far outside of what is shown."""
    from endcap.report.explore_charts import moves

    chart = moves([("22423", 3, 9, "up"), ("21378", 5, 1, "down")], before="before", after="now", across="shoppers")
    assert chart["layout"]["yaxis"]["type"] == "category"
