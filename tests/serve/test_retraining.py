"""Training beside the server."""

import time
from datetime import timedelta

import polars as pl
import pytest

from endcap.serve.retraining import Retraining
from endcap.shop import Shop


@pytest.mark.heavy
def test_new_events_become_a_new_model_through_the_gate(folder):
    shop = Shop(folder)
    before = shop.models.champion()
    retraining = Retraining(folder, 0.1)
    assert retraining.once() == 0
    assert Shop(folder).models.champion() == before, "nothing new"
    frame = shop.events.frame
    later = frame.filter(pl.col("timestamp") > frame["timestamp"].max() - timedelta(days=15))
    later = later.with_columns(pl.col("timestamp") + timedelta(days=15))
    ids = [f"later-{n}" for n in range(len(later))]
    shop.store.events.append(later.with_columns(event_id=pl.Series(ids)))
    retraining.start()
    deadline = time.monotonic() + 120
    while not retraining.runs and time.monotonic() < deadline:
        time.sleep(0.1)
    retraining.stop()
    assert retraining.runs[0] == 0
    assert len(Shop(folder).models.versions()) > 1
    assert Shop(folder).models.decisions()


def test_what_goes_wrong_is_in_the_log(tmp_path, caplog):
    assert Retraining(tmp_path / "no-shop", 1).once() == 4
    assert "is not a shop" in caplog.text
