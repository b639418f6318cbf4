from datetime import date, datetime, timedelta

import polars as pl
import pytest

import endcap as ec
from endcap.data.recipe import apply_recipe
from endcap.doctor.clocks import future
from endcap.doctor.diagnose import CHECKS, diagnose


def checks(frame, items=None):
    return {finding.check: finding for check in CHECKS for finding in check(frame, items)}


def only(frame, name, items=None):
    """Return the one finding there is, by its name."""
    found = checks(frame, items)
    assert list(found) == [name]
    return found[name]


def rows(frame, **columns):
    return frame.with_columns(**columns).select(frame.columns)


def test_a_healthy_shop_has_nothing(healthy):
    assert checks(healthy) == {}
    assert diagnose(healthy).findings == []


def test_bots(healthy):
    minute = datetime(2026, 3, 3, 3, 4)
    clicks = healthy.head(1).select(pl.all().repeat_by(240).explode())
    clicks = rows(
        clicks,
        user_id=pl.lit("crawler"),
        event=pl.lit("view_item"),
        item_id=pl.format("p{}", pl.int_range(240) % 80),
        timestamp=pl.lit(minute) + pl.duration(milliseconds=250 * pl.int_range(240)),
    )
    finding = only(pl.concat([healthy, clicks]), "bots")
    assert finding.count == 240
    assert "crawler: 240 at 2026-03-03 03:04" in finding.what
    kept, counts = apply_recipe(pl.concat([healthy, clicks]), [finding.rule])
    assert kept.equals(healthy)
    assert counts == [240]


def test_a_large_order_is_no_bot(healthy):
    order = healthy.head(200).with_columns(
        user_id=pl.lit("u001"), event=pl.lit("purchase"), timestamp=pl.lit(datetime(2026, 3, 3, 12, 0, 0))
    )
    assert "bots" not in checks(pl.concat([healthy, order]))


@pytest.mark.parametrize(("name", "count"), [("till-7", 9_000), ("guest", 900)])
def test_an_account_of_everybody(healthy, name, count):
    frame = pl.concat([healthy, healthy.sample(count, seed=1).with_columns(user_id=pl.lit(name))])
    finding = only(frame, "shared accounts")
    assert finding.concerned.to_list() == [name]
    assert finding.count == count


def test_named_like_tests(healthy):
    tests = healthy.head(5).with_columns(user_id=pl.lit("qa-test-1"))
    latest = healthy.head(9).with_columns(user_id=pl.lit("contestant"))  # holds "test", and is none
    finding = only(pl.concat([healthy, tests, latest]), "test orders")
    assert finding.concerned.to_list() == ["qa-test-1"]
    titles = pl.DataFrame({"item_id": healthy["item_id"].unique().sort()}).with_columns(title=pl.lit("Mug"))
    titles = titles.with_columns(
        title=pl.when(pl.col("item_id") == "p07").then(pl.lit("Test product")).otherwise("title")
    )
    assert only(healthy, "test orders", titles).concerned.to_list() == ["p07"]


def test_repeated_rows(healthy):
    finding = only(pl.concat([healthy, healthy[100:150]]), "repeated rows")
    assert finding.count == 50
    kept, _ = apply_recipe(pl.concat([healthy, healthy[100:150]]), [finding.rule])
    assert kept.equals(healthy)


def test_the_same_purchase_twice_a_day_is_no_fault_where_times_are_days(healthy):
    by_day = healthy.with_columns(pl.col("timestamp").dt.truncate("1d"))
    assert "repeated rows" not in checks(by_day)


def test_repeated_event_ids(healthy):
    frame = healthy.with_columns(event_id=pl.int_range(len(healthy)).cast(pl.String))
    frame = frame.with_columns(event_id=pl.when(pl.int_range(len(frame)) < 3).then(pl.lit("5")).otherwise("event_id"))
    assert only(frame, "repeated event ids").count == 3


def test_the_future(healthy):
    now = datetime(2026, 5, 1)
    found = future(healthy, None, now=now)[0]
    assert found.count == (healthy["timestamp"] > now + timedelta(days=1)).sum()
    assert apply_recipe(healthy, [found.rule])[1] == [found.count]
    assert future(healthy, None, now=datetime(2026, 12, 1)) == []


def test_a_time_zone_that_changes(healthy):
    later = pl.col("timestamp") >= datetime(2026, 4, 20)
    shifted = pl.when(later).then(pl.col("timestamp") + pl.duration(hours=5)).otherwise("timestamp")
    finding = only(healthy.with_columns(timestamp=shifted), "time zones")
    assert finding.example == {"first week": datetime(2026, 4, 20), "shift in hours": 5}
    summer = pl.when(later).then(pl.col("timestamp") + pl.duration(hours=1)).otherwise("timestamp")
    assert checks(healthy.with_columns(timestamp=summer)) == {}


def test_a_kind_of_event_in_another_time_zone(healthy):
    bought = pl.col("event") == "purchase"
    shifted = pl.when(bought).then(pl.col("timestamp") - pl.duration(hours=8)).otherwise("timestamp")
    assert only(healthy.with_columns(timestamp=shifted), "time zones").example["shift in hours"] == -8


def test_ids_that_change_their_form(healthy):
    later = pl.col("timestamp") >= datetime(2026, 4, 1)
    new = pl.when(later).then(pl.format("SKU-{}", pl.col("item_id").str.slice(1))).otherwise("item_id")
    finding = only(healthy.with_columns(item_id=new), "changed formats")
    assert finding.concerned[0].date() == date(2026, 4, 1)
    lost = pl.when(later).then(pl.col("user_id").str.slice(1).str.strip_chars_start("0")).otherwise(
        pl.col("user_id").str.slice(1)
    )  # fmt: skip
    assert "changed formats" in checks(healthy.with_columns(user_id=lost))


def test_ids_that_grow_are_no_change_of_form(healthy):
    numbered = healthy.sort("timestamp").with_columns(user_id=pl.format("u{}", pl.int_range(len(healthy)) // 20 + 1))
    assert "changed formats" not in checks(numbered)


def test_one_shopper_under_several_ids(healthy):
    upper = pl.when(pl.col("user_id").is_in(["u010", "u020"]) & (pl.int_range(pl.len()) % 2 == 0)).then(
        pl.col("user_id").str.to_uppercase() + " "
    )
    finding = only(healthy.with_columns(user_id=upper.otherwise("user_id")), "split identities")
    assert finding.concerned.to_list() == ["U010 ", "u010", "U020 ", "u020"]


def test_the_catalogue_and_the_events_differ(healthy):
    items = pl.DataFrame({"item_id": [*(f"p{i:02}" for i in range(1, 80)), "new"]})
    found = checks(healthy, items)
    assert found["not in the catalogue"].concerned.to_list() == ["p00"]
    assert found["never sold"].concerned.to_list() == ["new"]


@pytest.mark.parametrize(
    ("rating", "reason"),
    [
        (pl.lit(1.0), "is 1.0 in all"),
        (pl.when(pl.col("event") == "purchase").then(5.0).otherwise(1.0), "follows from the kind of event"),
        (pl.col("quantity"), "is the quantity"),
    ],
)
def test_a_rating_that_is_none(healthy, rating, reason):
    frame = healthy.with_columns(quantity=(pl.int_range(pl.len()) % 3 + 1).cast(pl.Float64)).with_columns(rating=rating)
    assert reason in only(frame, "leaking columns").what


def test_missing_days(healthy):
    days = pl.col("timestamp").dt.date().is_between(date(2026, 2, 3), date(2026, 2, 5))
    finding = only(healthy.filter(~days), "gaps")
    assert finding.concerned.to_list() == [date(2026, 2, n) for n in (3, 4, 5)]


def test_closed_on_sundays_is_no_gap(healthy):
    assert checks(healthy.filter(pl.col("timestamp").dt.weekday() != 7)) == {}


def test_a_jump_of_volume_and_a_kind_that_ends(healthy):
    later = pl.col("timestamp") >= datetime(2026, 3, 9)
    since = healthy.filter(later)
    more = [since.with_columns(pl.col("timestamp") + pl.duration(seconds=s)) for s in (1, 2, 3)]
    many = pl.concat([healthy, *more])
    found = checks(many)["volume"]
    assert found.concerned.to_list() == [date(2026, 3, 9)]
    assert "more" in found.what
    ended = healthy.filter(~later | (pl.col("event") != "view_item"))
    assert "fewer view_item events" in checks(ended)["volume"].what


def test_a_growing_shop_has_no_jump(healthy):
    start = healthy["timestamp"].min()
    share = (pl.col("timestamp") - start).dt.total_days() / 140
    assert "volume" not in checks(healthy.filter((pl.int_range(pl.len()) % 100) / 100 < 0.2 + 0.8 * share))


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_little_data(healthy, rows):
    told = diagnose(healthy.head(rows))
    assert told.findings == []
    assert len(told.surfaces) == (9 if rows else 0)


def test_without_times_and_kinds():
    events = ec.read_events(pl.DataFrame({"user": [1, 2, 2], "item": [3, 3, 4]}))
    told = ec.diagnose(events)
    assert told.findings == []
    assert "best-sellers: 3 events; reliable from about 100" in repr(told)
    assert told.to_dict()["surfaces"][0]["ready"] is False
