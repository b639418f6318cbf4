from endcap.shop import Shop


def test_a_shopper_is_shown_and_forgotten(endcap, orders_csv, tmp_path):
    shop = tmp_path / "shop"
    assert endcap("init", shop, orders_csv).code == 0
    assert len(endcap("forget", "100", "--show", "--shop", shop).json["events"]) == 24
    done = endcap("forget", "100", "--shop", shop)
    assert done.code == 0, done.err
    assert "Removed of 100: 24 events" in done.out
    assert "endcap train" in done.out
    assert 100 not in Shop(shop).events.frame["user_id"]
    assert endcap("forget", "100", "--shop", shop, "--json").json["events"] == 0
    assert "ids are numbers here" in endcap("forget", "x", "--shop", shop).err
