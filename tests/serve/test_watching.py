"""What one worker does beside the requests."""

import pytest

from endcap.config import Config, Serve
from endcap.errors import ShopError
from endcap.serve import watching
from endcap.shop import Shop
from endcap.store.answers import Feedback, Given
from endcap.store.clock import now

_DAY = 86_400_000_000


def filled(folder):
    shop = Shop(folder)
    ages = {"old": 181, "new": 179}
    shop.store.answers.add(
        [Given(name, now() - days * _DAY, "cart", "v1", None, "ann", False, {}, ["a"]) for name, days in ages.items()]
    )
    shop.store.answers.add_feedback(
        [Feedback(name, now() - days * _DAY, name, "click", "ann", "a") for name, days in ages.items()]
    )
    return shop


def test_a_worker_whose_turn_it_is_removes_what_is_older_than_the_shop_keeps(folder):
    shop = filled(folder)
    watching._turn(shop)
    assert shop.store.answers.find("old") is None
    assert shop.store.answers.find("new") is not None
    assert shop.store.answers.feedback()["event_id"].to_list() == ["new"]
    assert watching.sweep(shop) == 0


def test_a_shop_may_keep_all_of_it(folder):
    with (folder / "endcap.toml").open("a") as settings:
        settings.write('\n[serve]\nkeep_answers = ""\n')
    shop = filled(folder)
    assert watching.sweep(shop) == 0
    assert shop.store.answers.find("old") is not None


def test_a_time_that_is_none_is_refused(tmp_path):
    Config().write(tmp_path)
    with (tmp_path / "endcap.toml").open("a") as settings:
        settings.write('\n[serve]\nkeep_answers = "half a year"\n')
    assert Serve().keep_answers == "180d"
    with pytest.raises(ShopError, match="'half a year' is not a length of time"):
        Config.read(tmp_path)
