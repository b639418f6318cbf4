"""What a shopper in an experiment is answered, and what is written down of it."""

import pytest

from endcap.errors import ShopError
from endcap.serve.live import Live
from endcap.shop import Shop

CART = '[experiments.x]\nsurface = "cart"\n[experiments.x.variants.a]\n[experiments.x.variants.b]\n'
MIXED = """
[experiments]
holdout = 0.1
[experiments.mixed-home]
surface = "recommended-for-you"
[experiments.mixed-home.variants.control]
[experiments.mixed-home.variants.short]
k = 3
filter = "price < 25"
"""


def declare(folder, text):
    with (folder / "endcap.toml").open("a") as file:
        file.write(text)


@pytest.fixture
def asking(folder):
    from contextlib import contextmanager

    from fastapi.testclient import TestClient

    from endcap.serve.app import create_app

    @contextmanager
    def asking(text):
        declare(folder, text)
        with TestClient(create_app(folder), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            yield client

    return asking


def ask(client, **body):
    answer = client.post("/api/v1/recommend", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_way_of_asking_shows_the_same_variant(asking, folder):
    with asking(MIXED) as client:
        users = [f"u{n}" for n in range(60)]
        single = [ask(client, user_id=user) for user in users]
        [batch] = [client.post("/api/v1/recommend:batch", json={"requests": [{"user_id": u} for u in users]}).json()]
        address = [client.get("/api/v1/recommend", params={"user_id": user}).json() for user in users]
        for one, two, three in zip(single, batch["answers"], address, strict=True):
            assert (one["experiment"], one["variant"]) == (two["experiment"], two["variant"])
            assert (one["experiment"], one["variant"]) == (three["experiment"], three["variant"])
        by = {variant: [a for a in single if a["variant"] == variant] for variant in ("control", "short", "held-out")}
        assert all(by.values())
        assert sum(map(len, by.values())) == 60
        assert {len(one["results"]) for one in by["short"]} == {3}
        assert {len(one["results"]) for one in by["control"] + by["held-out"]} == {10}
        for one in by["held-out"]:
            assert one["experiment"] == "holdout"
            assert {result["reason"]["code"] for result in one["results"]} == {"best_seller"}
            assert not one["fallback_used"]
        shown = by["short"][0]
        first = shown["results"][0]["item_id"]
        why = client.get(f"/api/v1/explain/{shown['recommendation_id']}/{first}").json()
        assert (why["shown_then"], why["shown_now"]) == (True, True)
        assert "filtered" in client.get(f"/api/v1/explain/{shown['recommendation_id']}/i30").json()["text"]
        assert "(mixed-home: short)" in client.get(f"/shopper?user=u{single.index(shown)}").text
    given = Shop(folder).store.answers.given()
    told = {row["recommendation_id"]: (row["experiment"], row["variant"]) for row in given.iter_rows(named=True)}
    assert len(told) == 180
    assert all(told[one["recommendation_id"]] == (one["experiment"], one["variant"]) for one in single)


def test_nobody_named_is_in_nothing_and_without_consent_nothing_is_kept(asking, folder):
    with asking(MIXED) as client:
        nobody = ask(client)
        assert (nobody["experiment"], nobody["variant"], len(nobody["results"])) == (None, None, 10)
        assert ask(client, user_id="u1", surface="trending")["experiment"] in (None, "holdout")
        shy = ask(client, anonymous_id="cookie", consent=False)
        assert shy["variant"] == ask(client, anonymous_id="cookie", consent=False)["variant"]
        assert shy["variant"] is not None
    assert Shop(folder).store.answers.given()["user_id"].drop_nulls().to_list() == ["u1"]


def test_after_a_log_in_the_users_variant_is_seen(asking):
    with asking(MIXED) as client:
        user = ask(client, user_id="u7")["variant"]
        visitor = next(c for c in map(str, range(99)) if ask(client, anonymous_id=c)["variant"] != user)
        client.post("/api/v1/users/u7:merge", json={"anonymous_id": visitor})
        assert ask(client, anonymous_id=visitor)["variant"] == user


def test_a_search_result_of_the_hold_out_stays_as_it_is(asking):
    with asking("\n[experiments]\nholdout = 0.5\n") as client:
        items = ["i07", "i02", "i21", "i13"]
        users = [f"u{n}" for n in range(20)]
        answers = [client.post("/api/v1/rerank", json={"items": items, "user_id": user}).json() for user in users]
        held = [[r["item_id"] for r in one["results"]] for one in answers if one["variant"] == "held-out"]
        assert held
        assert all(one == items for one in held)


def test_a_variant_with_a_model_of_its_own(folder, asking):
    shop = Shop(folder)
    old = shop.models.champion()
    shop.new_model("Popular").fit(shop.interactions())
    other = shop.models.add(shop.new_model("Popular").fit(shop.interactions()), metrics={})
    text = f"""
[experiments.which-model]
surface = ["recommended-for-you", "cart"]
[experiments.which-model.variants.now]
[experiments.which-model.variants.popular]
model = "{other}"
"""
    with asking(text) as client:
        by = {}
        for n in range(40):
            answer = ask(client, user_id=f"u{n}")
            by.setdefault(answer["variant"], set()).add(answer["model_version"])
            assert answer["variant"] == ask(client, user_id=f"u{n}", surface="cart")["variant"]
        assert by == {"now": {old}, "popular": {other}}
        item = answer["results"][0]["item_id"]
        client.patch(f"/api/v1/products/{item}/inventory", json={"availability": "out_of_stock"})
        client.put("/api/v1/products/new-1", json={"title": "New"})
        for n in range(40):
            assert item not in [r["item_id"] for r in ask(client, user_id=f"u{n}", k=40)["results"]]
            assert "new-1" in [r["item_id"] for r in ask(client, user_id=f"u{n}", k=40)["results"]]
    assert other in Shop(folder).models.versions()
    Shop(folder).models.retain(1, needed=Shop(folder).config.assignment().models())
    assert other in Shop(folder).models.versions()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CART + 'filter = "prize < 3"',
         r"\[experiments.x.variants.b\] in endcap.toml: .*prize"),
        (CART + 'model = "v9"',
         r"\[experiments.x.variants.b\] model = 'v9': no such version"),
        (CART.replace("cart", "kart"),
         r"endcap.toml: \[experiments.x\] surface = 'kart'"),
        (CART + "weight = -1",
         r"experiments.x.variants.b.weight = -1"),
        ("[experiments]\nholdout = 0.9\n", r"experiments.holdout = 0.9"),
    ],
)  # fmt: skip
def test_mistakes_are_told_before_anything_is_served(folder, text, told):
    declare(folder, text)
    with pytest.raises((ShopError, ValueError), match=told):
        Live(Shop(folder))
