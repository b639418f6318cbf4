"""From answers and events in a store to what is said of an experiment."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.config import Config
from endcap.data.events import Events
from endcap.errors import DataError, ParameterError
from endcap.experiments import plan, result, results
from endcap.recommend.assignment import draw
from endcap.recommend.experiments import Experiments
from endcap.shop import Shop
from endcap.store.answers import Feedback, Given

DAY = datetime(2026, 3, 1)
END = DAY + timedelta(days=14)
DECLARED = Experiments(
    holdout=0.2,
    longer={"surface": "home", "metric": "conversion", "variants": {"control": {}, "long": {"k": 20}}},
)


def micro(time):
    return (time - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def seen(shopper):
    """Return the experiment and the variant that the server would have shown."""
    if draw("holdout", shopper)[0] < 0.2:
        return "holdout", "held-out"
    return "longer", "control" if draw("longer", shopper)[1] < 0.5 else "long"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop where those who see more buy more, and those of the hold-out least."""
    shop = Shop.create(tmp_path_factory.mktemp("experiments") / "shop", Config(name="tried"))
    shop.config = shop.config.model_copy(update={"experiments": DECLARED})
    rng = np.random.default_rng(0)
    given, events, told = [], [], []
    buys = {"held-out": 0.05, "control": 0.3, "long": 0.45}
    for n in range(3000):
        experiment, variant = seen(n)
        at = DAY + timedelta(days=float(rng.uniform(0, 13)))
        given.append(Given(f"r{n}", micro(at), "home", "v1", variant, str(n), False, {}, ["a"], experiment))
        told.append(Feedback(f"i{n}", micro(at), f"r{n}", "impression", str(n), "a"))
        if rng.random() < buys[variant]:
            events.append((n, at + timedelta(hours=3), 20.0, n))
        if n % 3 == 0:
            events.append((n, at - timedelta(hours=3), 500.0, n))  # before: none of the experiment's business
    names = ["user_id", "timestamp", "price", "anonymous_id"]
    frame = pl.DataFrame(events, schema=names, orient="row").with_columns(
        event=pl.lit("purchase"), item_id=pl.lit("a"), timestamp=pl.col("timestamp").cast(pl.Datetime("us"))
    )
    shop.add_events(Events(frame))
    shop.store.answers.add(given)
    shop.store.answers.add_feedback(told)
    return shop


def test_the_result_is_that_of_the_draw(shop):
    found = result(shop, "longer", now=END)
    sizes = dict(found.variants.select("variant", "shoppers").iter_rows())
    expected = [seen(n)[1] for n in range(3000)]
    assert sizes == {name: expected.count(name) for name in ("control", "long")}
    assert found.is_valid
    [gain] = found.deciding
    assert gain.low > 0
    assert gain.difference == pytest.approx(0.15, abs=0.05)
    assert found.variants["impressions"].to_list() == list(sizes.values())


def test_the_hold_out_says_what_the_whole_is_worth(shop):
    whole, longer = results(shop, now=END)
    assert (whole.name, longer.name) == ("holdout", "longer")
    assert whole.variants["shoppers"].sum() == 3000
    assert whole.is_valid
    [gain] = whole.deciding
    assert (gain.variant, gain.metric) == ("served", "revenue")
    assert gain.low > 0
    assert gain.base == pytest.approx(20 * 0.05, abs=0.5)


def test_a_visitor_who_logs_in_is_one_shopper_of_the_variant_seen_first(shop):
    before = result(shop, "longer", now=END)
    shopper = next(n for n in range(3000) if seen(n)[1] == "control")
    early = DAY - timedelta(hours=1)
    answer = Given("early", micro(early), "home", "v1", "long", "900001", False, {}, ["a"], "longer")
    shop.store.answers.add([answer])
    shop.store.shoppers.merge(900001, shopper)
    after = result(shop, "longer", now=END)
    change = after.variants["shoppers"] - before.variants["shoppers"]
    assert change.to_list() == [-1, 1]
    assert after.several == 1


def test_how_long_it_takes(shop):
    found = plan(shop, "longer", now=END)
    assert found.metric == "conversion"
    assert "answered" in found.source
    assert found.shares == [0.5, 0.5]
    assert found.shoppers(14) == pytest.approx(3000 * 0.8, rel=0.02)
    days = found.days(0.2)
    assert found.lift(days) <= 0.2 < found.lift(days - 1)
    assert found.days(0.05) > days
    whole = plan(shop, "holdout", now=END)
    assert whole.shares == [0.2, 0.8]
    later = plan(shop, now=END + timedelta(days=90))
    assert "events" in later.source, "nobody was answered in the 28 days before"
    with pytest.raises(DataError, match="no clicks"):
        plan(shop, metric="clicks", now=END)


def test_no_such_experiment(shop):
    with pytest.raises(ParameterError, match=r"there are: holdout, longer.*\[experiments.home\]"):
        result(shop, "home")
