"""Data that went wrong never replace a good model; a normal batch of new events does."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from endcap.config import Config, Train
from endcap.data.events import Events
from endcap.errors import DataError
from endcap.promotion import trained_already
from endcap.shop import Shop

START = datetime(2026, 1, 1)
USERS, DAYS = 400, 120


def events_of(first: float, last: float, *, seed: int, users: int = USERS) -> pl.DataFrame:
    """Shoppers of eight tastes, who take what is of theirs, and now and then anything."""
    draws = np.random.default_rng(seed)
    n = int(users * (last - first) / 4)
    user = draws.integers(0, users, n)
    item = (user % 8) * 40 + np.minimum(draws.geometric(0.08, n), 40) - 1
    item = np.where(draws.random(n) < 0.1, draws.integers(0, 320, n), item)
    return table(user, item, first + np.sort(draws.random(n)) * (last - first))


def table(users, items, days) -> pl.DataFrame:
    when = [START + timedelta(days=float(day)) for day in days]
    return pl.DataFrame(
        {"user_id": users, "item_id": items, "event": "purchase", "timestamp": when},
        schema_overrides={"timestamp": pl.Datetime("us"), "user_id": pl.Int64, "item_id": pl.Int64},
    )


def open_shop(folder, **train) -> Shop:
    return Shop.create(folder, Config(train=Train(minutes=0, candidates=["Popular", "ItemKNN"], **train)))


@pytest.fixture
def shop(tmp_path):
    shop = open_shop(tmp_path / "shop")
    shop.add_events(Events(events_of(0, DAYS, seed=1)))
    assert shop.train().promoted
    return Shop(shop.folder)


def with_events(shop: Shop, frame: pl.DataFrame) -> Shop:
    shop.__dict__["events"] = Events(frame)
    return shop


def one_item_for_everyone(frame, draws):
    """Everybody buys one product, several times in the weeks on which models are tested."""
    days = draws.uniform(DAYS - 60, DAYS, USERS * 3)
    return pl.concat([frame, table(np.repeat(np.arange(USERS), 3), np.full(USERS * 3, 7), days)])


def a_new_item_for_everyone_at_the_end(frame, draws):
    days = DAYS + draws.random(USERS)
    return pl.concat([frame, table(np.arange(USERS), np.full(USERS, 5000), days)])


def as_much_junk_as_events(frame, draws):
    n = len(frame)
    return pl.concat([frame, table(draws.integers(0, USERS, n), draws.integers(0, 320, n), draws.uniform(0, DAYS, n))])


def a_flood_of_junk_in_the_newest_weeks(frame, draws):
    n = USERS * 20
    days = draws.uniform(DAYS - 20, DAYS, n)
    return pl.concat([frame, table(draws.integers(0, USERS, n), draws.integers(0, 320, n), days)])


def one_busy_bot(frame, draws):
    n = len(frame) // 2
    return pl.concat([frame, table(np.full(n, 3), draws.integers(0, 320, n), draws.uniform(0, DAYS, n))])


def a_clock_far_ahead(frame, draws):
    return pl.concat([frame, table([999], [999], [DAYS + 20_000])])


def only_the_first_tenth(frame, draws):
    return frame.sort("timestamp").head(len(frame) // 10)


def a_tenth_of_the_shoppers(frame, draws):
    return frame.filter(pl.col("user_id") < USERS // 10)


def items_shuffled_among_events(frame, draws):
    return frame.with_columns(item_id=pl.Series(draws.permutation(frame["item_id"].to_numpy())))


def users_shuffled_among_events(frame, draws):
    return frame.with_columns(user_id=pl.Series(draws.permutation(frame["user_id"].to_numpy())))


def ids_of_shoppers_renamed(frame, draws):
    return frame.with_columns(pl.col("user_id") + 100_000)


SPOILT = [
    one_item_for_everyone,
    a_new_item_for_everyone_at_the_end,
    as_much_junk_as_events,
    a_flood_of_junk_in_the_newest_weeks,
    one_busy_bot,
    a_clock_far_ahead,
    only_the_first_tenth,
    a_tenth_of_the_shoppers,
    items_shuffled_among_events,
    users_shuffled_among_events,
    ids_of_shoppers_renamed,
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda one: one.__name__)
def test_spoilt_data_never_replace_a_good_model(shop, spoil):
    champion = shop.models.champion()
    done = with_events(shop, spoil(shop.events.frame, np.random.default_rng(5))).train()
    assert not done.promoted
    assert shop.models.champion() == champion
    assert done.version in shop.models.versions()
    last = shop.models.decisions()[-1]
    assert (last.action, last.version, last.before) == ("kept", done.version, champion)
    failed = [check for check in last.checks if not check["passed"]]
    assert failed
    assert all(check["told"] in last.reason for check in failed)


def test_no_events_leave_the_model_and_are_written_down(shop):
    champion = shop.models.champion()
    with pytest.raises(DataError, match=f"no events to learn from.*stays: {champion}"):
        with_events(shop, shop.events.frame.clear()).train()
    assert shop.models.champion() == champion
    assert len(shop.models.versions()) == 1
    assert shop.models.decisions()[-1].reason == "there are no events"


def test_no_events_and_no_model_say_what_to_do(tmp_path):
    shop = with_events(open_shop(tmp_path / "shop"), events_of(0, 4, seed=1).clear())
    with pytest.raises(DataError, match="endcap import"):
        shop.train()


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_normal_batch_of_new_events_is_promoted(shop, seed):
    before = shop.models.champion()
    shop.add_events(Events(events_of(DAYS, DAYS + 10, seed=seed, users=USERS + 30)))
    done = shop.train()
    assert done.promoted, done.reason
    assert (done.before, shop.models.champion()) == (before, done.version)
    assert shop.model.interactions_.shape[0] > USERS
    last = shop.models.decisions()[-1]
    assert (last.action, last.version, last.before) == ("promoted", done.version, before)
    assert all(check["passed"] for check in last.checks)
    assert len(last.checks) == len(done.checks) > 8


def test_forced_it_is_promoted_and_written_down_as_such(shop):
    bad = items_shuffled_among_events(shop.events.frame, np.random.default_rng(5))
    done = with_events(shop, bad).train(force=True)
    assert done.promoted
    assert shop.models.champion() == done.version
    reason = shop.models.decisions()[-1].reason
    assert reason.startswith("forced, against the gate: ")
    assert "against the record: NDCG" in reason


def test_a_model_that_is_worse_gives_way_to_the_parameters_in_use_fitted_anew(shop):
    before = shop.models.champion()
    assert before.endswith("ItemKNN")
    shop.add_events(Events(events_of(DAYS, DAYS + 10, seed=2, users=USERS + 30)))
    shop.config.train.candidates = ["Popular"]
    done = shop.train()
    assert done.promoted
    assert done.version.split("-")[2] == "ItemKNN"
    assert shop.model.interactions_.shape[0] > USERS
    assert done.also_kept is not None
    assert done.also_kept.split("-")[2] in ("Popular", "BuyAgain")
    kept, promoted = shop.models.decisions()[-2:]
    assert (kept.action, kept.version) == ("kept", done.also_kept)
    assert "against the model in use: NDCG" in kept.reason
    assert (promoted.action, promoted.before) == ("promoted", before)
    again = Shop(shop.folder)
    again.add_events(Events(events_of(DAYS + 10, DAYS + 20, seed=3)))
    assert again.train().promoted


def test_a_model_whose_files_are_damaged_is_replaced(shop):
    champion = shop.models.champion()
    next((shop.models.folder / champion).glob("arrays-*")).unlink()
    done = shop.train()
    assert done.promoted
    assert "can't be read" in shop.models.decisions()[-1].reason
    assert shop.recommend([1], k=3).height == 3


def test_a_shop_without_times_learns_on(tmp_path):
    shop = open_shop(tmp_path / "shop")
    frame = events_of(0, 40, seed=1).drop("timestamp")
    assert with_events(shop, frame).train().promoted
    assert with_events(shop, pl.concat([frame, events_of(0, 5, seed=2).drop("timestamp")])).train().promoted
    assert not with_events(shop, frame.head(1000)).train().promoted


def test_events_that_lost_their_times_keep_the_model(shop):
    frame = shop.events.frame
    done = with_events(shop, frame.with_columns(timestamp=pl.lit(frame["timestamp"].max()))).train()
    assert not done.promoted
    assert "newest event: all events are of" in done.reason


def test_products_that_can_not_be_had_are_no_better_answers(shop):
    shop.add_events(Events(events_of(DAYS, DAYS + 10, seed=2)))
    items = np.arange(320)
    gone = np.where(items % 2 == 0, "out_of_stock", "in_stock")
    shop.import_items(pl.DataFrame({"item_id": items, "availability": gone}))
    done = shop.train()
    assert done.promoted  # the model in use recommends as many of them
    told = next(check for check in done.checks if check.name == "availability")
    assert told.passed


def test_only_so_many_versions_are_kept(shop):
    shop.config.train.keep = 3
    champion = shop.models.champion()
    bad = items_shuffled_among_events(shop.events.frame, np.random.default_rng(5))
    kept = [with_events(shop, bad).train().version for _ in range(4)]
    assert shop.models.versions() == [champion, *kept[-2:]]


def test_the_same_data_are_known_again(shop):
    assert trained_already(shop) == shop.models.champion()
    shop.add_events(Events(events_of(DAYS, DAYS + 1, seed=2)))
    assert trained_already(shop) is None
