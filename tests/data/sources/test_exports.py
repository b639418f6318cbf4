"""What becomes of the exports of shop systems, each a small sample in its documented form."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import endcap as ec
from endcap.data.schema import ANONYMOUS, EVENT_COLUMNS
from endcap.errors import DataError

SAMPLES = Path(__file__).parent / "samples"


def at(text):
    return datetime.fromisoformat(text)


# (user, item, event, time, quantity, price, rating, session, transaction, event id)
EVENTS = {
    "online_retail.csv": [
        (17850, "85123A", "purchase", at("2010-12-01T08:26"), 6, 2.55, None, None, "536365", None),
        (17850, "71053", "purchase", at("2010-12-01T08:26"), 6, 3.39, None, None, "536365", None),
        (12583, "22728", "purchase", at("2010-12-01T08:45"), 24, 3.75, None, None, "536370", None),
        (12583, "22728", "refund", at("2010-12-13T10:24"), 12, 3.75, None, None, "C536391", None),
        (17850, "23328", "purchase", at("2011-12-09T12:00"), 4, 3.75, None, None, "581571", None),
    ],
    "personalize_interactions.csv": [
        ("196", 242, "view_item", at("2020-07-01T00:00"), None, None, None, None, None, None),
        ("196", 302, "purchase", at("2020-07-01T00:01"), None, None, None, None, None, None),
        ("x-7", 242, "rate", at("2020-07-01T00:02"), None, None, 4.0, None, None, None),
    ],
    "ratings.dat": [
        (1, 1193, "rate", at("2000-12-31T22:12:40"), None, None, 5.0, None, None, None),
        (1, 661, "rate", at("2000-12-31T22:35:09"), None, None, 3.0, None, None, None),
        (2, 1193, "rate", at("2000-12-31T21:33:33"), None, None, 4.5, None, None, None),
    ],
    "u.data": [
        (196, 242, "rate", at("1997-12-04T15:55:49"), None, None, 3, None, None, None),
        (186, 302, "rate", at("1998-04-04T19:22:22"), None, None, 3, None, None, None),
    ],
    "movielens_ratings.csv": [
        (1, 296, "rate", at("2006-05-17T15:34:04"), None, None, 5.0, None, None, None),
        (1, 306, "rate", at("2006-05-17T12:26:57"), None, None, 3.5, None, None, None),
    ],
    "shopify_orders.csv": [
        ("ann@example.com", "MUG-BLU", "purchase", at("2024-03-01T07:50:20"), 1, 34.9, None, None, "#1001", None),
        ("ann@example.com", "Gift Card", "purchase", at("2024-03-01T07:50:20"), 2, 9.5, None, None, "#1001", None),
        ("bob@example.com", "MUG-BLU", "purchase", at("2024-03-03T08:00"), 1, 34.9, None, None, "#1002", None),
        ("bob@example.com", "MUG-BLU", "refund", at("2024-03-03T08:00"), 1, 34.9, None, None, "#1002", None),
    ],
    "woocommerce_orders.csv": [
        ("ann@example.com", "woo-hoodie", "purchase", at("2024-03-01T09:50"), 3, 12.5, None, None, 501, None),
        ("ann@example.com", "woo-hoodie", "refund", at("2024-03-01T09:50"), 1, 12.5, None, None, 501, None),
        ("ann@example.com", "Sticker", "purchase", at("2024-03-01T09:50"), 5, 3.0, None, None, 501, None),
        ("bob@example.com", "woo-hoodie", "purchase", at("2024-03-02T10:00"), 1, 12.5, None, None, 502, None),
        ("cy@example.com", "woo-cap", "purchase", at("2024-03-03T12:00"), 1, 9.0, None, None, 504, None),
        ("cy@example.com", "woo-cap", "refund", at("2024-03-03T12:00"), 1, 9.0, None, None, 504, None),
    ],
    "woocommerce_orders.json": [
        ("john.doe@example.com", "93", "purchase", at("2024-03-22T19:28:02"), 2, 3.0, None, None, "727", None),
        ("john.doe@example.com", "Bar3", "purchase", at("2024-03-22T19:28:02"), 1, 12.0, None, None, "727", None),
        ("26", "24", "purchase", at("2024-03-23T19:00"), 1, 12.0, None, None, "728", None),
        ("26", "24", "refund", at("2024-03-23T19:00"), 1, 12.0, None, None, "728", None),
    ],
    "ga4.jsonl": [
        ("1026454.4271112", "GGOEGAXC1300", "view_item", at("2024-03-01T10:01"), None, 11.0, None, "1709287100", None,
         None),
        ("c-17", "GGOEGAXC1300", "purchase", at("2024-03-01T10:02"), 1, 11.0, None, "1709287100", "T-9001", None),
        ("c-17", "GGOEGBRA1301", "purchase", at("2024-03-01T10:02"), 2, 25.5, None, "1709287100", "T-9001", None),
        ("c-17", "GGOEGAXC1300", "refund", at("2024-03-02T10:00"), 1, 11.0, None, None, "T-9001", None),
        ("c-17", "GGOEGBRA1301", "refund", at("2024-03-02T10:00"), 2, 25.5, None, None, "T-9001", None),
    ],
    "segment.jsonl": [
        ("a-1", "507f1f77bcf86cd799439011", "view_item", at("2024-03-01T10:00"), 1, 18.99, None, None, None, "m-1"),
        ("a-1", "507f1f77bcf86cd799439011", "add_to_cart", at("2024-03-01T10:01"), 2, 18.99, None, None, None, "m-3"),
        ("a-1", "507f1f77bcf86cd799439011", "remove_from_cart", at("2024-03-01T10:02"), 1, None, None, None, None,
         "m-4"),
        ("a-1", "505bd76785ebb509fc183733", "add_to_wishlist", at("2024-03-01T10:03"), None, None, None, None, None,
         "m-5"),
        ("u-9", "507f1f77bcf86cd799439011", "purchase", at("2024-03-01T10:05"), 1, 19.0, None, None,
         "50314b8e9bcf000000000000", "m-6"),
        ("u-9", "505bd76785ebb509fc183733", "purchase", at("2024-03-01T10:05"), 2, 3.0, None, None,
         "50314b8e9bcf000000000000", "m-6/1"),
        ("u-9", "505bd76785ebb509fc183733", "refund", at("2024-03-05T10:05"), 1, 3.0, None, None,
         "50314b8e9bcf000000000000", "m-7"),
    ],
}  # fmt: skip
NO_CUSTOMER = "CustomerID is empty: nobody's history can take the purchase"
NO_PRODUCT = "StockCode is a charge, a fee or a correction, no product"
UNPAID = "the order was not paid, failed or was cancelled: nothing was bought"
SET_ASIDE = {
    "online_retail.csv": [
        (4, NO_PRODUCT),
        (7, NO_CUSTOMER),
        (8, NO_CUSTOMER),
        (9, "Quantity is below 0 on an invoice that is no cancellation: a stock correction"),
        (10, NO_PRODUCT),
        (11, NO_PRODUCT),
    ],
    "shopify_orders.csv": [
        (6, "Email is empty: the order can't be put to a customer"),
        (7, "Financial Status is voided: nothing was bought"),
        (8, "Financial Status is voided: nothing was bought"),
    ],
    "woocommerce_orders.csv": [
        (5, UNPAID),
        (7, "Email (Billing) is empty: the order can't be put to a customer"),
    ],
    "ga4.jsonl": [
        (6, "refund of a whole order whose purchase isn't in this source"),
        (7, "item_id is empty"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_events(name):
    events = ec.read_events(SAMPLES / name)
    columns = [column for column in EVENT_COLUMNS if column != ANONYMOUS]
    missing = [pl.lit(None).alias(column) for column in columns if column not in events.frame.columns]
    assert events.frame.with_columns(missing).select(columns).rows() == EVENTS[name]
    rows = events.quarantine.select("row", "reason").rows() if len(events.quarantine) else []
    assert rows == SET_ASIDE.get(name, [])


ITEMS = {
    "online_retail.csv": [
        {"item_id": "85123A", "title": "WHITE HANGING HEART T-LIGHT HOLDER", "price": 2.55},
        {"item_id": "71053", "title": "WHITE METAL LANTERN", "price": 3.39},
        {"item_id": "22728", "title": "ALARM CLOCK BAKELIKE PINK", "price": 3.75},
        {"item_id": "22139", "title": "RETROSPOT TEA SET CERAMIC 11 PC", "price": 4.25},
        {"item_id": "23328", "title": "SET 6 SCHOOL MILK BOTTLES IN CRATE", "price": 3.75},
    ],
    "personalize_items.csv": [
        {"item_id": 242, "product_type": "Home > Kitchen", "price": 18.5, "CREATION_TIMESTAMP": "1593000000",
         "COLOUR": "red|blue"},
        {"item_id": 302, "product_type": "Home", "price": None, "CREATION_TIMESTAMP": "1593000001", "COLOUR": None},
    ],
    "movies.dat": [
        {"item_id": 661, "title": "James and the Giant Peach (1996)", "product_type": "Animation|Children's|Musical"},
        {"item_id": 1193, "title": "Les Misérables (1995)", "product_type": "Drama|Musical"},
    ],
    "u.item": [
        {"item_id": 1, "title": "Toy Story (1995)", "product_type": "Animation|Children's|Comedy",
         "release_date": "01-Jan-1995", "video_release_date": None,
         "imdb_url": "http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)"},
        {"item_id": 267, "title": "unknown", "product_type": "unknown", "release_date": None,
         "video_release_date": None, "imdb_url": None},
    ],
    "movielens_movies.csv": [
        {"item_id": 296, "title": "Pulp Fiction, A (1994)", "product_type": "Comedy|Crime"},
        {"item_id": 306, "title": "Short Film", "product_type": None},
    ],
    "merchant_rss.xml": [
        {"item_id": "TV_123456", "title": "Google Chromecast with Google TV", "product_type": "Electronics > Video",
         "brand": "Google", "price": 1049.99, "sale_price": 39.99, "availability": "in_stock",
         "link": "https://www.example.com/tv?id=1&c=2", "image_link": "https://www.example.com/image1.jpg",
         "item_group_id": None, "currency": "USD", "description": "Chromecast & more",
         "additional_image_link": "https://www.example.com/a.jpg", "condition": "new", "gtin": "811571018420",
         "color": None},
        {"item_id": "SKU2", "title": "Fahrrad", "product_type": "Home > Bikes", "brand": None, "price": 1299.5,
         "sale_price": None, "availability": "out_of_stock", "link": "https://www.example.com/2", "image_link": None,
         "item_group_id": "G1", "currency": "EUR", "description": None, "additional_image_link": None,
         "condition": None, "gtin": None, "color": "red"},
    ],
    "merchant_atom.xml": [
        {"item_id": "A1", "title": "Cup", "price": 5.0, "availability": "preorder",
         "link": "https://www.example.com/cup", "currency": "GBP"},
    ],
    "merchant.tsv": [
        {"item_id": "007", "title": "Mug", "product_type": "Home > Mugs", "brand": "Leaf", "price": 8.5,
         "availability": "in_stock", "link": "https://e.com/7", "image_link": "https://e.com/7.jpg", "currency": "USD",
         "description": 'A "good" mug'},
        {"item_id": "008", "title": "Pot", "product_type": None, "brand": None, "price": 20.0,
         "availability": "backorder", "link": "https://e.com/8", "image_link": None, "currency": "USD",
         "description": "A pot"},
    ],
    "shopify_products.csv": [
        {"item_id": "MUG-BLU", "title": "Mug - Blue", "product_type": "Home & Garden > Kitchen & Dining",
         "brand": "Leaf", "price": 39.9, "sale_price": 34.9, "availability": "in_stock",
         "image_link": "https://cdn.example.com/blue.jpg", "item_group_id": "mug", "stock": 12, "tags": "blue, red",
         "status": "active"},
        {"item_id": "MUG-RED", "title": "Mug - Red", "product_type": "Home & Garden > Kitchen & Dining",
         "brand": "Leaf", "price": 34.9, "sale_price": None, "availability": "out_of_stock",
         "image_link": "https://cdn.example.com/mug2.jpg", "item_group_id": "mug", "stock": 0, "tags": "blue, red",
         "status": "active"},
        {"item_id": "Gift Card", "title": "Gift Card", "product_type": "Vouchers", "brand": "Leaf", "price": 9.5,
         "sale_price": None, "availability": "in_stock", "image_link": None, "item_group_id": "gift-card",
         "stock": None, "tags": None, "status": "active"},
    ],
    "woocommerce_products.csv": [
        {"item_id": "woo-vneck-tee", "title": "V-Neck T-Shirt", "product_type": "Clothing > Tshirts", "price": None,
         "sale_price": None, "availability": "in_stock", "image_link": "https://example.com/a.jpg",
         "item_group_id": None, "stock": None, "type": "variable", "tags": None},
        {"item_id": "woo-vneck-tee-red", "title": "V-Neck T-Shirt - Red", "product_type": "Clothing > Tshirts",
         "price": 20, "sale_price": 15, "availability": "out_of_stock", "image_link": "https://example.com/red.jpg",
         "item_group_id": "woo-vneck-tee", "stock": 0, "type": "variation", "tags": None},
        {"item_id": "47", "title": "Gift, wrapped", "product_type": "Cards, Paper > Gifts", "price": 4.5,
         "sale_price": None, "availability": "backorder", "image_link": None, "item_group_id": "44", "stock": None,
         "type": "simple", "tags": "new"},
    ],
    "ga4.jsonl": [
        {"item_id": "GGOEGAXC1300", "title": "Google Camp Mug", "product_type": "Apparel > Drinkware",
         "brand": "Google", "price": 11.0},
        {"item_id": "GGOEGBRA1301", "title": "Bag", "product_type": None, "brand": None, "price": 25.5},
    ],
    "segment.jsonl": [
        {"item_id": "507f1f77bcf86cd799439011", "title": "Monopoly: 3rd Edition", "product_type": "Games",
         "brand": "Hasbro", "price": 19.0, "link": "https://www.example.com/product/path",
         "image_link": "https://www.example.com/product/path.jpg"},
        {"item_id": "505bd76785ebb509fc183733", "title": "Uno Card Game", "product_type": "Games", "brand": None,
         "price": 3.0, "link": None, "image_link": None},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ITEMS)
def test_items(name):
    assert ec.read_items(SAMPLES / name).to_dicts() == ITEMS[name]


USERS = {
    "online_retail.csv": [
        {"user_id": 17850, "country": "United Kingdom"},
        {"user_id": 12583, "country": "France"},
        {"user_id": 14527, "country": "United Kingdom"},
    ],
    "users.dat": [
        {"user_id": 1, "gender": "F", "age": "1", "occupation": "10", "zip": "48067"},
        {"user_id": 2, "gender": "M", "age": "56", "occupation": "16", "zip": "70072"},
    ],
    "u.user": [
        {"user_id": 1, "age": "24", "gender": "M", "occupation": "technician", "zip": "85711"},
        {"user_id": 2, "age": "53", "gender": "F", "occupation": "other", "zip": "94043"},
    ],
    "personalize_users.csv": [
        {"user_id": "196", "AGE": "34", "MEMBERSHIP": "gold"},
        {"user_id": "x-7", "AGE": None, "MEMBERSHIP": "silver"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", USERS)
def test_users(name):
    assert sorted(map(repr, ec.read_users(SAMPLES / name).to_dicts())) == sorted(map(repr, USERS[name]))


def test_what_was_taken_for_what():
    mapping = ec.read_events(SAMPLES / "shopify_orders.csv").mapping
    assert mapping["item_id"] == "Lineitem sku or Lineitem name"
    assert mapping["user_id"] == "Email"


def test_a_format_may_be_named():
    orders = SAMPLES / "shopify_orders.csv"
    assert len(ec.read_events(orders, format="shopify")) == 4
    with pytest.raises(DataError) as refusal:
        ec.read_events(orders, format="segment")
    assert str(refusal.value) == (
        f"{orders} is no set of Segment's track calls: it has no 'event', 'messageId', 'properties'"
    )
    with pytest.raises(DataError, match=r"there is no format 'shopware'; there are .*online-retail"):
        ec.read_events(orders, format="shopware")
    with pytest.raises(DataError, match="the format 'ga4' holds no users"):
        ec.read_users(orders, format="ga4")


def test_naming_a_column_reads_the_table_as_it_is():
    invoices = SAMPLES / "online_retail.csv"
    named = ec.read_events(invoices, user="CustomerID")
    assert set(named.frame["event"]) == {"purchase"}
    assert named.frame.equals(ec.read_events(invoices, format="plain").frame)
    with pytest.raises(DataError, match="the format 'online-retail' knows its columns; leave out user='CustomerID'"):
        ec.read_events(invoices, user="CustomerID", format="online-retail")
    assert "price" not in ec.read_events(invoices, price="none").frame.columns


def test_an_export_without_any_good_row_is_refused(tmp_path):
    lines = (SAMPLES / "online_retail.csv").read_text().splitlines()
    (tmp_path / "fees.csv").write_text("\n".join([lines[0], lines[3].replace("12/1/2010", "2010-12-01")]))
    with pytest.raises(DataError, match=r"fees.csv: none of its 1 rows can be used; row 2: StockCode is a charge"):
        ec.read_events(tmp_path / "fees.csv")


def test_parquet_with_the_wrappers_of_bigquery(tmp_path):
    plain = pl.read_ndjson(SAMPLES / "ga4.jsonl")
    plain.write_parquet(tmp_path / "plain.parquet")
    wrapped = plain.with_columns(
        items=pl.struct(list=pl.col("items").list.eval(pl.struct(element=pl.element()))),
        event_timestamp=pl.col("event_timestamp").cast(pl.Int64),
    )
    wrapped.write_parquet(tmp_path / "wrapped.parquet")
    expected = ec.read_events(SAMPLES / "ga4.jsonl").frame
    for name in ("plain", "wrapped"):
        assert ec.read_events(tmp_path / f"{name}.parquet").frame.equals(expected)


def test_a_table_of_events_without_products_has_none():
    day = pl.read_ndjson(SAMPLES / "ga4.jsonl").filter(pl.col("event_name") == "page_view")
    with pytest.raises(DataError, match="has no rows about products"):
        ec.read_events(day)


def test_times_of_exports_are_utc():
    events = ec.read_events(SAMPLES / "shopify_orders.csv")
    assert events.frame["timestamp"][0] + timedelta(hours=2) == at("2024-03-01T09:50:20")
