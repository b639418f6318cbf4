"""What every answer keeps, whatever is asked."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from endcap.errors import ParameterError, UnknownIdError
from endcap.recommend.engine import Engine
from endcap.recommend.request import Request
from endcap.recommend.shopper import Act
from endcap.recommend.surfaces import BUILT_IN, Surface

FILTERS = ("", "", "price < 50", 'brand IN ("A", "B")', 'NOT product_type STARTS WITH "Type 1"', "price > 1000",
           "price <= 1.5 * context.price", 'brand = "C" OR price < 10')  # fmt: skip


def random_request(rng, engine):
    def some(most):
        return [str(i) for i in rng.choice(engine.shelf.ids, int(rng.integers(most)), replace=False)]

    kinds = ("view_item", "purchase", "add_to_cart")
    return Request(
        surface=str(rng.choice(list(engine.surfaces))),
        user=[None, "stranger", f"u{rng.integers(80)}"][int(rng.integers(3))],
        since=[Act(item, str(rng.choice(kinds)), 0) for item in some(4)],
        history=[*some(4), *(["nobody-knows"] if rng.random() < 0.1 else [])],
        context_items=some(3),
        k=int(rng.integers(1, 30)),
        filter=str(rng.choice(FILTERS)),
        boost={'brand = "A"': float(rng.uniform(0, 3))} if rng.random() < 0.2 else {},
        exclude=some(6),
        diversity=[None, 0.5, 1.0][int(rng.integers(3))],
        min_relevance=float(rng.choice([0, 0, 0.3])),
        among=some(20) if rng.random() < 0.1 else None,
    )


def passing(engine, request, bought):
    """Return the groups of what may be shown, worked out product by product in plain Python."""
    surface = engine.surfaces[request.surface]
    rows = []
    for row, item in enumerate(engine.shelf.ids):
        product = engine.shelf.product(row)
        page = engine.shelf.product(engine.shelf.row_of[request.context_items[0]]) if request.context_items else {}
        if row >= engine.shelf.listed or product.get("availability") == "out_of_stock" or product.get("hidden"):
            continue
        if item in request.exclude or item in request.context_items:
            continue
        if request.among is not None and item not in request.among:
            continue
        if surface.hide_bought and item in bought:
            continue
        if not all(meets(text, product, page) for text in (surface.filter, request.filter)):
            continue
        rows.append(row)
    return rows


def meets(text, product, page):
    price, brand, kind = product.get("price"), product.get("brand"), product.get("product_type") or ""
    return {
        "": lambda: True,
        "price < 50": lambda: price < 50,
        'brand IN ("A", "B")': lambda: brand in ("A", "B"),
        'NOT product_type STARTS WITH "Type 1"': lambda: not kind.startswith("Type 1"),
        "price > 1000": lambda: price > 1000,
        "price <= 1.5 * context.price": lambda: "price" in page and price <= 1.5 * page["price"],
        'brand = "C" OR price < 10': lambda: brand == "C" or price < 10,
    }[text]()


def check(engine, request, purchases):
    answer = engine.answer(request)
    rows = [result.row for result in answer.results]
    acts = {act.item for act in request.since if act.event == "purchase"}
    may = passing(engine, request, purchases.get(request.user, set()) | acts)
    assert set(rows) <= set(may), request
    groups = [engine.shelf.groups[row] for row in rows if engine.shelf.groups[row] >= 0]
    assert len(set(groups)) == len(groups), "two variants of one product"
    distinct = len({int(engine.shelf.groups[row]) if engine.shelf.groups[row] >= 0 else -row - 2 for row in may})
    assert len(rows) == min(request.k, distinct), "short, while there is an eligible product"
    return answer


def purchases_of(world):
    bought = world.events.frame.filter(pl.col("event") == "purchase")
    return {user: set(items) for user, items in bought.group_by("user_id").agg("item_id").iter_rows()}


@pytest.fixture
def surfaces():
    return BUILT_IN | {
        "new-in-b": Surface(sources=["new-arrivals", "trending"], filter='brand IN ("A", "B")', hide_bought=True),
        "varied": Surface(diversity=0.7, boost={"price < 50": 2.0}, hide_bought=True),
    }


def test_no_answer_breaks_a_guarantee(world, surfaces):
    rng, purchases = np.random.default_rng(0), purchases_of(world)
    auto = {name: s.model_copy(update={"hide_bought": s.hide_bought is not False}) for name, s in surfaces.items()}
    engine = world(surfaces=auto)
    assert sum(len(check(engine, random_request(rng, engine), purchases).results) for _ in range(1500)) > 5000


@pytest.mark.heavy
def test_a_hundred_thousand_combinations(world, surfaces):
    """Of catalogue, stock, filters and histories."""
    rng, purchases = np.random.default_rng(1), purchases_of(world)
    auto = {name: s.model_copy(update={"hide_bought": s.hide_bought is not False}) for name, s in surfaces.items()}
    for seed in range(100):
        engine = world(world.items(seed=seed, items=int(rng.integers(20, 90))), auto)
        for _ in range(1000):
            if rng.random() < 0.2:
                item = engine.shelf.ids[int(rng.integers(engine.shelf.listed))]
                engine.shelf.put(item, {"availability": str(rng.choice(["in_stock", "out_of_stock"]))})
            check(engine, random_request(rng, engine), purchases)


def test_stock_that_changes_is_in_force_at_once(world):
    engine = world()
    first = engine.answer(Request(user="u1")).results[0].item
    engine.shelf.put(first, {"availability": "out_of_stock"})
    assert first not in [result.item for result in engine.answer(Request(user="u1")).results]
    assert engine.explain(Request(user="u1"), first).text == "filtered: availability is out_of_stock"
    engine.shelf.put(first, {"availability": "in_stock"})
    assert engine.answer(Request(user="u1")).results[0].item == first


def test_an_event_changes_the_answer(world):
    engine = world()
    before = engine.answer(Request(user="stranger"))
    assert before.fallback_used
    assert {result.source for result in before.results} == {"best-sellers"}
    after = engine.answer(Request(user="stranger", since=[Act("i03", "view_item", 0)]))
    assert after.results[0].source == "personal"
    assert not after.fallback_used
    odd = [int(result.item[1:]) % 2 for result in after.results]
    assert sum(odd) >= 8, "the half of the products that i03 is of"


def test_the_answer_of_a_known_shopper_is_the_models(world):
    engine = world(pl.DataFrame({"item_id": world.model.interactions_.items.ids}))
    shown = engine.answer(Request(user="u7", surface="recommended-for-you", k=10))
    bought = purchases_of(world)["u7"]
    asked = world.model.recommend("u7", k=60, exclude_seen=False).filter(~pl.col("fallback"))
    expected = [item for item in asked["item_id"] if item not in bought][:10]
    assert [result.item for result in shown.results if result.source == "personal"] == expected


def test_a_list_that_was_kept_is_the_one_that_would_be_made_now(world):
    rng, engine = np.random.default_rng(2), world()
    for _ in range(150):
        since = [Act("i03", "view_item", 0)] if rng.random() < 0.3 else []
        user, k, price = f"u{rng.integers(5)}", int(rng.choice([3, 10, 40])), int(rng.integers(20, 200))
        request = Request(user=user, k=k, filter=f"price < {price}", since=since)
        assert engine.answer(request) == world().answer(request)


def test_what_goes_together_is_what_the_model_of_baskets_says(world):
    from endcap.data.interactions import Interactions
    from endcap.models.bought_together import BoughtTogether

    model = BoughtTogether().fit(Interactions.from_events(world.events, log=True))
    item = next(i for i in model.interactions_.items.ids if len(model.similar_items(i)) > 1)
    engine = world(pl.DataFrame({"item_id": world.model.interactions_.items.ids}))
    shown = engine.answer(Request(surface="frequently-bought-together", context_items=[item], k=2))
    assert [result.item for result in shown.results] == model.similar_items(item, k=2)["item_id"].to_list()


def told_apart(world):
    """Return a catalogue whose types tell the two halves of the products, and six products that nobody bought."""
    return world.items().select(
        "item_id",
        pl.format("Product {}", pl.int_range(pl.len())).alias("title"),
        pl.format("Half {}", pl.int_range(pl.len()) % 2).alias("product_type"),
    )


def test_a_new_product_is_among_new_arrivals(world):
    engine = world()
    eligible_cold = [f"i{n}" for n in range(60, 66) if engine.shelf.eligible[engine.shelf.row_of[f"i{n}"]]]
    arrivals = [result.item for result in engine.answer(Request(surface="new-arrivals", k=3)).results]
    assert set(arrivals) & set(eligible_cold)


def test_beside_a_new_product_is_what_its_kin_is_like(world):
    engine = world(told_apart(world))
    beside = engine.answer(Request(surface="similar-items", context_items=["i63"], k=20)).results
    assert {result.source for result in beside} == {"similar"}
    assert {int(result.item[1:]) % 2 for result in beside[:15]} == {1}
    assert "i63" not in {result.item for result in beside}


def test_a_new_product_is_tried_out_beside_its_nearest_kin(world):
    engine = world(told_apart(world))
    kin = engine.sources.likeness.kin
    for item in ("i62", "i63"):
        positions, weights = kin.of(engine.shelf.row_of[item])
        nearest = engine.shelf.ids[engine.shelf.row_of_position[positions[weights.argmax()]]]
        request = Request(surface="similar-items", context_items=[nearest], k=30)
        listed = [result.item for result in engine.answer(request).results]
        assert {"i60", "i61", "i62", "i63", "i64", "i65"} & set(listed[:10])
        for place, shown in enumerate(listed, 1):
            verdict = engine.explain(dataclasses.replace(request, k=10), shown)
            assert (verdict.rank, verdict.shown) == (place, place <= 10), "ranked as it was answered"


def test_new_products_of_a_history_speak_through_their_kin(world):
    engine = world(told_apart(world))
    stranger = Request(user="stranger", history=["i61", "i63"], k=8)
    answer = engine.answer(stranger)
    assert not answer.fallback_used
    assert {int(result.item[1:]) % 2 for result in answer.results} == {1}
    assert all(set(reason) <= {"i61", "i63"} and reason for reason in engine.because(stranger, answer.results))
    verdict = engine.explain(stranger, answer.results[3].item)
    assert verdict.rank == 4
    assert verdict.because
    before = engine.answer(Request(user="u2", k=20)).results
    since = Request(user="u2", since=[Act("i61", "purchase", 0)] * 20, k=20)
    after = engine.answer(since).results
    odd = [sum(int(result.item[1:]) % 2 for result in results) for results in (before, after)]
    assert odd[1] > odd[0], "u2 buys of the even half, and now of the other"
    assert any("i61" in reason for reason in engine.because(since, after))
    assert engine.answer(Request(user="u2", since=[Act("i61", "view", 0)], history=["nobody-knows"])).results


def test_a_catalogue_that_says_nothing_of_a_new_product(world):
    ids = [*world.model.interactions_.items.ids, "new"]
    engine = world(pl.DataFrame({"item_id": ids, "odd": [{"a": 1}] * len(ids)}))
    beside = engine.answer(Request(surface="similar-items", context_items=["new"], k=5))
    assert {result.source for result in beside.results} == {"best-sellers"}
    assert engine.answer(Request(history=["new"], k=5)).fallback_used


def test_recently_viewed_is_the_latest_first(world):
    engine = world(pl.DataFrame({"item_id": world.model.interactions_.items.ids}))
    acts = [Act("i05", "view_item", 1), Act("i09", "view_item", 2), Act("i05", "view_item", 3)]
    shown = engine.answer(Request(surface="recently-viewed", user="stranger", since=acts, k=3))
    assert [result.item for result in shown.results][:2] == ["i05", "i09"]
    assert shown.results[2].source == "best-sellers"
    assert shown.fallback_used


def test_rerank_orders_what_is_given(world):
    engine = world()
    given = ["i01", "i02", "i03", "i04", "i05", "i06"]
    shown = engine.answer(Request(user="u1", among=given, k=6))
    assert {result.item for result in shown.results} <= set(given)


def test_diversity_mixes_the_types(world):
    engine = world()
    kinds = [
        len({engine.shelf.types[r.row] for r in engine.answer(Request(user="u4", k=5, diversity=d)).results})
        for d in (0.0, 1.0)
    ]
    assert kinds[1] >= kinds[0]
    assert kinds[1] >= 4


def test_a_boost_brings_up_what_it_names(world):
    engine = world()
    shares = []
    for factor in (0.01, 1.0, 100.0):
        shown = engine.answer(Request(user="u4", k=8, boost={'brand = "B"': factor}))
        shares.append(sum(engine.shelf.product(result.row)["brand"] == "B" for result in shown.results))
    assert shares[0] < shares[2]
    assert shares[0] <= shares[1] <= shares[2]


def test_every_product_can_be_explained(world, surfaces):
    engine = world(surfaces=surfaces)
    request = Request(user="u3", surface="new-in-b", exclude=["i08"], filter="price < 50", k=5)
    shown = {result.item for result in engine.answer(request).results}
    said = {item: engine.explain(request, item) for item in engine.shelf.ids}
    assert {item for item, verdict in said.items() if verdict.shown} == shown
    assert sorted(v.rank for v in said.values() if v.shown) == [1, 2, 3, 4, 5]
    texts = " ".join(v.text for v in said.values())
    for reason in ("out_of_stock", "it is hidden", "doesn't meet brand IN", "doesn't meet price < 50"):
        assert reason in texts
    bought = [item for item in purchases_of(world)["u3"] if engine.shelf.eligible[engine.shelf.row_of[item]]]
    assert engine.explain(Request(user="u3", surface="varied"), bought[0]).text == "filtered: the shopper bought it"
    assert "excludes" in said["i08"].text or "filtered" in said["i08"].text


def test_the_reason_names_own_products(world):
    engine = world()
    request = Request(user="u3")
    results = engine.answer(request).results
    own = set(world.events.frame.filter(pl.col("user_id") == "u3")["item_id"])
    reasons = engine.because(request, results)
    assert any(reasons)
    assert all(set(reason) <= own and len(reason) <= 2 for reason in reasons)


def test_what_is_wrong_is_said(world):
    engine = world()
    with pytest.raises(UnknownIdError, match="no surface 'attic'; there are recommended-for-you"):
        engine.answer(Request(surface="attic"))
    with pytest.raises(UnknownIdError, match="no product 'i99'"):
        engine.explain(Request(), "i99")
    with pytest.raises(ParameterError, match="ask for 1 to 1,000"):
        engine.answer(Request(k=1001))
    with pytest.raises(ParameterError, match=r"\[surfaces.bad\] in endcap.toml"):
        world(surfaces={"bad": Surface(filter="colour = 3")})


def test_prepared_is_read_back_as_it_was(world, tmp_path):
    world.prepared.write(tmp_path / "p")
    again = type(world.prepared).read(tmp_path / "p")
    for field in dataclasses.fields(again):
        one, two = getattr(world.prepared, field.name), getattr(again, field.name)
        if field.name == "together":
            assert (one != two).nnz == 0
        elif field.name == "orders":
            assert all((one[name] == two[name]).all() for name in one)
        elif field.name == "bought":
            assert all((a == b).all() for a, b in zip(one, two, strict=True))
        else:
            assert one == two
    (tmp_path / "p" / "facts.json").unlink()
    assert type(again).read(tmp_path / "p") is None
    assert isinstance(world(prepared=again), Engine)


def test_a_variant_takes_the_surfaces_place(world):
    from endcap.recommend.assignment import Assigned

    engine = world()
    few = Assigned("x", "few", BUILT_IN["recommended-for-you"].model_copy(update={"k": 3, "filter": "price < 50"}))
    shown = engine.answer(Request(user="u1", assigned=few)).results
    assert len(shown) == 3
    assert all(engine.shelf.product(one.row)["price"] < 50 for one in shown)


def test_a_list_stays_as_it_was_given(world):
    from endcap.recommend.assignment import Assignment
    from endcap.recommend.experiments import Experiments

    engine = world()
    fine = [engine.shelf.ids[row] for row in np.flatnonzero(engine.shelf.eligible & (engine.shelf.groups < 0))[::-1]]
    held = Assignment(Experiments(holdout=0.5), BUILT_IN)
    shopper = next(n for n in range(100) if held.of(n, "similar-items") is not None)
    given = Request("similar-items", among=fine[:8], k=8, assigned=held.of(shopper, "similar-items", given=True))
    assert [one.item for one in engine.answer(given).results] == fine[:8]
    assert not engine.answer(given).fallback_used
    best = Request("similar-items", context_items=fine[:1], assigned=held.of(shopper, "similar-items"))
    assert {one.source for one in engine.answer(best).results} == {"best-sellers"}
    assert not engine.answer(best).fallback_used
