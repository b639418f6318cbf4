def test_own_products_that_led_to_it(endcap, trained):
    top = endcap("recommend", "--shop", trained, "--user", 142, "-k", 1, "--json").json[0]
    done = endcap("explain", "--shop", trained, "--user", 142, "--item", top["item_id"], "--json")
    assert done.code == 0, done.err
    assert {"item_id", "title", "contribution"} <= set(done.json[0])
    assert abs(sum(row["contribution"] for row in done.json) - top["score"]) < 1e-3 * abs(top["score"]) + 1e-5
    assert endcap("explain", "--shop", trained, "--user", 142, "--item", top["item_id"]).code == 0


def test_unknown_ones_are_named(endcap, trained):
    done = endcap("explain", "--shop", trained, "--user", 142, "--item", "sku-99")
    assert (done.code, "sku-99" in done.err) == (5, True)
    done = endcap("explain", "--shop", trained, "--user", 7, "--item", "sku-02")
    assert (done.code, "user 7" in done.err) == (5, True)
