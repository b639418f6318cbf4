"""The dashboard's page of experiments."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.data.events import Events
from endcap.serve.dashboard.sequence import _percent, _range, sequence
from endcap.shop import Shop
from endcap.store.answers import Given

DECLARED = """
[experiments.more]
surface = "cart"
metric = "conversion"
[experiments.more.variants.control]
[experiments.more.variants."<b>bold</b>"]
k = 8
[experiments.broken]
surface = "trending"
running = false
[experiments.broken.variants.a]
[experiments.broken.variants.b]
"""


@pytest.fixture
def client(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    with (folder / "endcap.toml").open("a") as file:
        file.write(DECLARED)
    shop, rng = Shop(folder), np.random.default_rng(0)
    now = datetime.now(UTC).replace(tzinfo=None)
    given, events = [], []
    for n in range(1200):
        at = now - timedelta(days=float(rng.uniform(1, 9)))
        micro = int((at - datetime(1970, 1, 1)).total_seconds() * 1e6)
        variant = ("control", "<b>bold</b>")[n % 2]
        given.append(Given(f"r{n}", micro, "cart", "v", variant, f"s{n}", False, {}, [], "more"))
        given.append(Given(f"q{n}", micro, "trending", "v", "ab"[n % 3 > 0], f"s{n}", False, {}, [], "broken"))
        if rng.random() < (0.2, 0.6)[n % 2]:
            events.append((f"s{n}", "i01", "purchase", at + timedelta(hours=1)))
    shop.store.answers.add(given)
    frame = pl.DataFrame(events, schema=["user_id", "item_id", "event", "timestamp"], orient="row")
    shop.add_events(Events(frame.with_columns(pl.col("timestamp").cast(pl.Datetime("us")))))
    with TestClient(create_app(folder), base_url="http://127.0.0.1") as client:
        yield client


def test_the_page_says_what_is_sure_and_what_is_wrong(client):
    page = client.get("/experiments")
    assert page.status_code == 200
    text = page.text
    assert "&lt;b&gt;bold&lt;/b&gt; is better than control: +" in text
    assert "<b>bold" not in text
    assert '<polygon class="band"' in text
    assert "Invalid: a has 400 shoppers" in text
    assert "broken (over)" in text
    assert "style=" not in text
    assert "aria-current=page>Experiments" in text


def test_nothing_tried_out_is_told_with_an_example(folder):
    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    with TestClient(create_app(folder), base_url="http://127.0.0.1") as client:
        assert "[experiments.more-variety.variants.control]" in client.get("/experiments").text


def test_the_drawing_covers_the_newer_looks_and_zero():
    looks = [{"day": n, "difference": 0.03, "low": 0.03 - 1 / n, "high": 0.03 + 1 / n} for n in range(1, 31)]
    step, low, high = _range(looks, 0.02)
    assert low <= -0.07 < 0.13 <= high < 1
    assert round((high - low) / step) <= 6
    assert (_percent(0.0, 0.05), _percent(-0.05, 0.05), _percent(0.005, 0.005)) == ("0 %", "-5 %", "+0.5 %")
    drawn = sequence("b against a", [{"day": 0, "low": None}, *looks], lift=0.02, first="1 Mar", last="30 Mar")
    assert drawn.count("<tr>") == 31
    assert "+3.0% after 30 days" in drawn
