import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.config import Config
from endcap.recommend.variants import one_of_each_group, variants
from endcap.shop import Shop

CATALOGUE = pl.DataFrame({"item_id": list(range(8)), "item_group_id": ["a", "a", "a", None, None, "b", "b", "alone"]})


def ranked(order):
    return lambda n: pl.DataFrame({"item_id": order[:n]}).with_columns(rank=pl.int_range(1, pl.len() + 1))


def test_a_group_is_shown_once_and_the_list_stays_full():
    table = one_of_each_group(ranked([1, 0, 2, 6, 5, 3, 4, 7]), variants(CATALOGUE), 3)
    assert table.rows() == [(1, 1), (6, 2), (3, 3)]
    assert one_of_each_group(ranked([0, 1, 2]), None, 2)["item_id"].to_list() == [0, 1]


def test_where_there_is_no_more_the_list_is_shorter():
    assert one_of_each_group(ranked([0, 1, 2, 5, 6]), variants(CATALOGUE), 4)["item_id"].to_list() == [0, 5]


def test_variants_of_what_was_seen_are_left_out():
    table = one_of_each_group(ranked([0, 5, 1, 3, 4]), variants(CATALOGUE), 2, seen=pl.DataFrame({"item_id": [2, 3]}))
    assert table["item_id"].to_list() == [5, 3]


def test_without_groups_there_are_no_variants():
    assert variants(None) is None
    assert variants(CATALOGUE.drop("item_group_id")) is None
    assert variants(CATALOGUE[6:]) is None


@given(st.lists(st.permutations(range(8)), min_size=1, max_size=4), st.integers(1, 8))
@settings(deadline=None)
def test_every_shopper_gets_the_first_of_each_group(orders, k):
    def ask(n):
        rows = [(user, item, rank + 1) for user, order in enumerate(orders) for rank, item in enumerate(order[:n])]
        return pl.DataFrame(rows, schema=["user_id", "item_id", "rank"], orient="row")

    table = one_of_each_group(ask, variants(CATALOGUE), k)
    group = dict(CATALOGUE.iter_rows())
    for user, order in enumerate(orders):
        expected, taken = [], set()
        for item in order:
            if item in (3, 4, 7) or group[item] not in taken:
                expected.append(item)
                taken.add(group[item])
        assert table.filter(user_id=user).select("item_id", "rank").rows() == list(
            zip(expected[:k], range(1, k + 1), strict=False)
        )


@pytest.fixture
def shop(tmp_path):
    """A shop whose shoppers of a taste all buy the variants of three products, but for one."""
    shop = Shop.create(tmp_path / "shop", Config(name="shop"))
    rows = [(user, f"{'xyz'[g]}{v}") for user in range(40) for g in range(3) for v in range(3) if (user + g + v) % 4]
    rows += [(user, f"plain{n}") for user in range(40) for n in range(6) if (user + n) % 3]
    events = pl.DataFrame(rows, schema=["user_id", "item_id"], orient="row").with_columns(event=pl.lit("purchase"))
    shop.import_events(events)
    items = events["item_id"].unique().sort()
    shop.import_items(pl.DataFrame({"item_id": items}).with_columns(
        item_group_id=pl.when(pl.col("item_id").str.len_chars() == 2).then(pl.col("item_id").str.head(1))
    ))  # fmt: skip
    model = shop.new_model("ItemKNN").fit(shop.interactions())
    shop.models.add(model, metrics={})
    return shop


def test_a_shop_shows_one_variant_of_a_product(shop):
    groups = dict(shop.items.select("item_id", "item_group_id").iter_rows())
    everyone = shop.recommend(k=5, repeats=True)
    assert everyone.group_by("user_id").len()["len"].unique().to_list() == [5]
    shown = everyone.with_columns(pl.col("item_id").replace_strict(groups).alias("group")).drop_nulls("group")
    assert len(shown) > 0
    assert not shown.select("user_id", "group").is_duplicated().any()
    had = shop.recommend([0], k=9, repeats=False)["item_id"].to_list()
    assert all(groups[item] is None for item in had)  # shopper 0 had a variant of each product
    visitor = shop.recommend(history=["x0", "plain0"], k=6, repeats=False)["item_id"].to_list()
    assert [groups[item] for item in visitor].count("x") == 0
    assert max([groups[item] for item in visitor].count(one) for one in "yz") <= 1
    like = shop.similar("y0", k=5)["item_id"].to_list()
    assert [groups[item] for item in like].count("y") == 0
    assert [groups[item] for item in like].count("x") <= 1
