def test_products_like_one(endcap, trained):
    rows = endcap("similar", "sku-02", "--shop", trained, "-k", 3, "--json")
    assert rows.code == 0, rows.err
    assert "sku-02" not in {row["item_id"] for row in rows.json}
    assert endcap("similar", "sku-02", "--shop", trained).code == 0


def test_an_unknown_product(endcap, trained):
    done = endcap("similar", "sku-99", "--shop", trained)
    assert done.code == 5
    assert "'sku-99' is not in the training data" in done.err
