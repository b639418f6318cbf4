"""One fault a check, planted into real data: the small version of `benchmarks/doctor.py`."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import endcap as ec
from endcap.doctor.diagnose import CHECKS

FAULTS = Path(__file__).parents[2] / "benchmarks" / "faults.py"
IN_LOOKS = ("bots", "one id for everybody")


@pytest.fixture(scope="module")
def faults():
    spec = importlib.util.spec_from_file_location("faults", FAULTS)
    module = importlib.util.module_from_spec(spec)
    sys.modules["faults"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop(public_data):
    """Every sixth shopper of a public data set (or all), as events."""

    def read(name, one_in=6):
        events = ec.read_events(public_data(name)).frame
        return events.filter(pl.col("user_id").hash(1) % one_in == 0)

    return read


@pytest.mark.parametrize(
    "fault",
    [
        "bots",
        "one id for everybody",
        "test orders",
        "delivered twice",
        "clock ahead",
        "clock reset",
        "time zone",
        "format of ids",
        "split identities",
        "not in the catalogue",
        "never sold",
        "leaking column",
        "gap of days",
        "volume",
    ],
)
def test_a_planted_fault_is_found(fault, faults, shop):
    events = shop("retailrocket", 1) if fault in IN_LOOKS else shop("online_retail")
    plant, expected = faults.PLANTERS[fault]
    tries = (plant(events, None, 2, np.random.default_rng(seed)) for seed in range(20))
    planted = next(one for one in tries if one is not None)  # a day drawn for a gap may be one on which it is closed
    found = [finding for check in CHECKS for finding in check(planted.frame, planted.items)]
    mine = [finding for finding in found if finding.check == expected]
    assert mine, [finding.check for finding in found]
    names = {name for finding in mine for name in finding.concerned.to_list()}
    if expected in ("repeated rows", "future", "stray times"):
        aside = mine[0].rule.sets_aside(planted.frame).arg_true().to_list()
        assert len(set(aside) & planted.truth) >= 0.99 * len(planted.truth)
        assert len(aside) <= 1.01 * len(planted.truth) + 1
    elif not planted.days_off:
        assert planted.truth <= names


def test_every_fault_of_the_benchmark_is_tried(faults):
    tried = test_a_planted_fault_is_found.pytestmark[0].args[1]
    assert set(tried) == set(faults.PLANTERS)


def test_what_is_scanned_twice_in_an_order_is_no_repeat(shop):
    events = shop("online_retail")
    assert int(events.is_duplicated().sum()) > 100
    repeats = [f for check in CHECKS for f in check(events, None) if f.check == "repeated rows"]
    assert sum(finding.count for finding in repeats) < 5
