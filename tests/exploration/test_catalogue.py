import polars as pl

from endcap.data.vocabulary import Vocabulary
from endcap.exploration.catalogue import read_catalogue

SOLD = Vocabulary(["a", "b", "c"])


def test_titles_and_what_is_missing():
    items = pl.DataFrame({"item_id": ["c", "a", "z"], "title": ["Cup", None, "Zip"], "brand": ["X", None, None]})
    known = read_catalogue(SOLD, items)
    assert known.titles.to_list() == ["a", "b", "Cup"]
    assert (known.covered, known.unsold, known.categories) == (2 / 3, 1, None)
    assert known.features == ("title", "brand")
    assert read_catalogue(SOLD, None).titles.to_list() == ["a", "b", "c"]
    # Ids of another type belong to another shop.
    assert read_catalogue(SOLD, pl.DataFrame({"item_id": [1]})).covered == 0


def test_the_first_level_that_tells_products_apart():
    ids = [f"p{n}" for n in range(10)]
    kinds = ["Food > Tea", "Food > Jam", "Food > Oil", "Food > Rye", "Food > Ham"] * 2
    shallow = read_catalogue(Vocabulary(ids), pl.DataFrame({"item_id": ids, "product_type": kinds}))
    assert set(shallow.categories["category"]) == set(kinds)
    kinds = ["A > x", "B > x", "C > x", "D > x", "E > x"] * 2
    top = read_catalogue(Vocabulary(ids), pl.DataFrame({"item_id": ids, "product_type": kinds}))
    assert set(top.categories["category"]) == set("ABCDE")


def test_several_categories_at_once():
    items = pl.DataFrame({"item_id": ["a", "b", "c"], "product_type": ["Drama|War", "Drama", None]})
    categories = read_catalogue(SOLD, items).categories
    assert sorted(categories.rows()) == [(0, "Drama"), (0, "War"), (1, "Drama")]
