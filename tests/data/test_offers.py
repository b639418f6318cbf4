from datetime import datetime

import polars as pl
import pytest

from endcap.data.offers import read_offers
from endcap.errors import DataError


def test_a_history_is_recognised(tmp_path):
    (tmp_path / "prices.csv").write_text(
        "sku,changed,date,price,stock_status\n"
        "00a,x,2026-01-31 08:00:00,9.95 EUR,In stock\n"
        "00a,x,2026-02-01 08:00:00,,0\n"
        ",x,2026-02-01 08:00:00,1,1\n"
    )
    offers = read_offers(tmp_path / "prices.csv")
    assert offers.columns == ["item_id", "at", "price", "availability"]
    assert offers.rows() == [
        ("00a", datetime(2026, 1, 31, 8), 9.95, "in_stock"),
        ("00a", datetime(2026, 2, 1, 8), None, "out_of_stock"),
    ]


@pytest.mark.parametrize("lacks", ["item_id", "at", "price"])
def test_a_column_that_lacks_is_named(lacks):
    offers = pl.DataFrame({"item_id": ["a"], "at": [datetime(2026, 1, 1)], "price": [1.0]}).drop(lacks)
    with pytest.raises(DataError, match=r"needs the columns item_id, at, and price, .*; it has"):
        read_offers(offers)
