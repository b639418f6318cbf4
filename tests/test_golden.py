from datetime import datetime, timedelta

import polars as pl
import pytest

from endcap.config import Config, Train
from endcap.data.events import Events
from endcap.errors import IdTypeError
from endcap.golden import share_that_stays, side_by_side
from endcap.shop import Shop


@pytest.fixture
def shop(tmp_path):
    """Two versions: best-sellers a, b, c, d by the first, d, b, e by the second."""
    shop = Shop.create(tmp_path / "shop", Config(train=Train(golden=["9"])))
    shop.import_items(pl.DataFrame({"item_id": list("abde"), "title": ["Apple", "Bread", "Dates", "Eggs"]}))
    for bought in (["a"] * 4 + ["b"] * 3 + ["c"] * 2 + ["d"], ["d"] * 4 + ["b"] * 3 + ["e"] * 2):
        when = [datetime(2026, 1, 1) + timedelta(days=n) for n in range(len(bought))]
        frame = pl.DataFrame({"user_id": range(len(bought)), "item_id": bought, "timestamp": when})
        shop.__dict__["events"] = Events(frame)
        model = shop.new_model("Popular").fit(shop.interactions())
        shop.models.add(model, metrics={"exclude_seen": False})
    return shop


def test_who_moved_where(shop):
    table = side_by_side(shop, *shop.models.versions(), k=4)
    assert table.rows() == [
        ("9", 1, "a", "Apple", "d", "Dates", "up"),
        ("9", 2, "b", "Bread", "b", "Bread", "same"),
        ("9", 3, "c", None, "e", "Eggs", "new"),
        ("9", 4, "d", "Dates", None, None, None),
    ]
    assert share_that_stays(table) == pytest.approx(2 / 3)
    back = side_by_side(shop, *reversed(shop.models.versions()), shoppers=[9, 1], k=4)
    assert back["change"].to_list() == ["new", "same", "new", "down"] * 2
    assert back["user_id"].to_list() == ["9"] * 4 + ["1"] * 4


def test_a_version_and_itself_are_the_same(shop):
    first = shop.models.versions()[0]
    assert share_that_stays(side_by_side(shop, first, first)) == 1.0


def test_the_model_in_use_is_left_alone(shop):
    in_use = shop.model
    side_by_side(shop, *shop.models.versions())
    assert shop.model is in_use


def test_an_id_of_another_kind_is_refused(shop):
    with pytest.raises(IdTypeError, match="'nobody'"):
        side_by_side(shop, *shop.models.versions(), shoppers=["nobody"])
