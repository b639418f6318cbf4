"""What a shop writes, another reads back to the same rows: events, products, their history, shoppers and merges."""

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from endcap.config import Config
from endcap.errors import DataError
from endcap.shop import Shop
from endcap.store import segments

WHEN = datetime(2026, 1, 1, 12, 30, 0, 123456)


def fill(shop, add):
    add(
        shop.store,
        {
            "user_id": ["0017", "0017", "u", "cookie"], "item_id": ["a", "a", "00b", 'quote " , \n'],
            "event": ["purchase", "purchase", "share", "view_item"],
            "timestamp": [WHEN, WHEN, datetime(1999, 1, 1), datetime(2025, 6, 1)],
            "quantity": [1.0, 1.0, None, 0.1 + 0.2], "price": [9.95, 9.95, None, 1e-9],
        },
        {
            "user_id": ["u", "v"], "item_id": ["a", "c"], "event": ["rate", "refund"], "timestamp": [WHEN, WHEN],
            "rating": [4.5, None], "session_id": ["s", None], "transaction_id": [None, "0001"],
            "event_id": ["e1", None], "anonymous_id": ["cookie", None],
        },
    )  # fmt: skip
    items = pl.DataFrame(
        {
            "item_id": ["00b", "a"], "title": [None, "Cup"], "price": [9.0, 2.0], "item_group_id": ["g", "g"],
            "availability": ["5 left", "in_stock"], "colour": [None, "red"], "weight": [3.0, 0.25],
            "vegan": [False, True], "sizes": [[], ["S", "L"]],
        }
    )  # fmt: skip
    shop.import_items(items)
    shop.import_items(items.with_columns(price=pl.Series([9.0, 1.5])))
    shop.import_users(pl.DataFrame({"user_id": ["u", "v"], "country": ["NL", None], "age": [30, None]}))
    shop.store.shoppers.merge("0017", "v")


def everything(shop):
    merges = shop.store.shoppers.identities().drop("at")
    return {
        "events": shop.store.events.read_all(),
        "items": shop.items.sort("item_id"),
        "offers": shop.store.catalogue.offers(),
        "users": shop.store.catalogue.users().sort("user_id"),
        "merges": merges,
        "merged": shop.events.frame,
    }


def read_back(shop, folder):
    done = [shop.import_events([str(folder / "events.parquet")]).new, shop.import_offers(folder / "offers.parquet")]
    done += [shop.import_items(folder / "items.parquet").new, shop.import_users(folder / "users.parquet").new]
    return [*done, shop.import_identities(folder / "identities.parquet")]


@pytest.mark.parametrize("fewest", [segments.FEWEST, 3])
def test_all_of_it_comes_back(place, add, tmp_path, monkeypatch, fewest):
    monkeypatch.setattr(segments, "FEWEST", fewest)
    one = Shop.create(place.folder, Config(name="one", store=place.url))
    fill(one, add)
    assert one.export(tmp_path / "out") == {
        "events.parquet": 6, "items.parquet": 2, "offers.parquet": 3, "users.parquet": 2, "identities.parquet": 1
    }  # fmt: skip
    other = Shop.create(tmp_path / "other", Config(name="other"))
    assert read_back(other, tmp_path / "out") == [6, 2 + 1, 2, 2, 1]
    before, after = everything(one), everything(other)
    for name, table in before.items():
        assert_frame_equal(after[name].select(table.columns), table)
    other.export(tmp_path / "again")
    assert read_back(other, tmp_path / "again") == read_back(one, tmp_path / "again") == [0, 0, 0, 0, 0]
    for name, table in before.items():
        assert_frame_equal(everything(one)[name], table)


_IDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=5)
_ROW = st.fixed_dictionaries(
    {
        "user_id": _IDS,
        "item_id": _IDS,
        "event": st.sampled_from(["purchase", "view_item", "rate", "wave"]),
        "timestamp": st.datetimes(datetime(1995, 1, 2), datetime(2025, 1, 1)),
        "price": st.none() | st.floats(0, 1e9),
        "session_id": st.none() | _IDS,
    }
)


@given(st.lists(_ROW, min_size=1, max_size=12), st.data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_any_rows_that_came_in_come_back(tmp_path_factory, rows, data):
    rows = rows + data.draw(st.lists(st.sampled_from(rows), max_size=4))
    types = {"timestamp": pl.Datetime("us"), "price": pl.Float64, "session_id": pl.String}
    folder = tmp_path_factory.mktemp("any")
    one, other = (Shop.create(folder / name, Config(name=name)) for name in ("one", "other"))
    pl.DataFrame(rows, schema_overrides=types).write_parquet(folder / "given.parquet")
    try:
        new = one.import_events([str(folder / "given.parquet")]).new
    except DataError:  # most of the rows have ids that stand for no value, such as "None"
        reject()
    one.export(folder)
    assert other.import_events([str(folder / "events.parquet")]).new == new
    assert_frame_equal(other.store.events.read_all(), one.store.events.read_all())
