"""From a recommendation over a click to a purchase that is credited to it."""

from datetime import timedelta

from endcap.shop import Shop


def test_a_purchase_is_credited_to_the_click_before_it(client, folder):
    answer = client.post("/api/v1/recommend", json={"user_id": "u1", "k": 3, "surface": "similar-items"}).json()
    first = answer["results"][0]["item_id"]
    own = {"user_id": "u1", "item_id": first}
    shown = {**own, "recommendation_id": answer["recommendation_id"]}
    for event in ({"event": "impression", **shown}, {"event": "click", **shown}):
        assert client.post("/api/v1/events", json=event).status_code == 200
    bought = {"event": "purchase", "price": 12.5, "quantity": 2, **own}
    assert client.post("/api/v1/events", json=bought).status_code == 200
    client.__exit__(None, None, None)  # what was given is written down
    [row] = Shop(folder).performance(0, window=timedelta(days=1)).to_dicts()
    assert (row["surface"], row["answers"], row["clicks"], row["purchases"]) == ("similar-items", 1, 1, 1)
    assert row["revenue"] == 25.0
    assert row["click_through"] == 1.0
