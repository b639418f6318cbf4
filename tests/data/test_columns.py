"""Columns are recognised by the names that shops and data sets give them."""

import pytest

import endcap as ec
from endcap.data.columns import recognise
from endcap.data.event_names import canonical_event
from endcap.errors import DataError


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country",
            "CustomerID StockCode InvoiceDate - Quantity UnitPrice - InvoiceNo -",
        ),
        (
            "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
            "Customer ID,StockCode,InvoiceDate,-,Quantity,Price,-,Invoice,-",
        ),
        (
            "household_id store_id basket_id product_id quantity sales_value transaction_timestamp",
            "household_id product_id transaction_timestamp - quantity - - basket_id -",
        ),
        (
            "USER_ID ITEM_ID TIMESTAMP EVENT_TYPE EVENT_VALUE",
            "USER_ID ITEM_ID TIMESTAMP EVENT_TYPE - - - - -",
        ),
        (
            "userId movieId rating timestamp",
            "userId movieId timestamp - - - rating - -",
        ),
        (
            "timestamp visitorid event itemid transactionid",
            "visitorid itemid timestamp event - - - transactionid -",
        ),
        (
            "event_time event_type product_id category_id brand price user_id user_session",
            "user_id product_id event_time event_type - price - - user_session",
        ),
        (
            "t_dat customer_id article_id price sales_channel_id",
            "customer_id article_id t_dat - - price - - -",
        ),
        (
            "reviewerID asin overall unixReviewTime",
            "reviewerID asin unixReviewTime - - - overall - -",
        ),
        (
            "client sku date behavior qty",
            "client sku date behavior qty - - - -",
        ),
        (
            "order_id order_date created user customer_id product product_id amount total",
            "customer_id product_id order_date - - - - order_id -",
        ),
        (
            "session_id item_id timestamp",
            "session_id item_id timestamp - - - - - session_id",
        ),
    ],
)  # fmt: skip
def test_names_of_real_files(names, expected):
    separator = "," if "," in names else " "
    columns = [
        "user_id",
        "item_id",
        "timestamp",
        "event",
        "quantity",
        "price",
        "rating",
        "transaction_id",
        "session_id",
    ]
    wanted = {c: name for c, name in zip(columns, expected.split(separator), strict=True) if name != "-"}
    assert recognise(names.split(separator), {}, "file") == wanted


def test_what_is_given_wins_and_is_not_taken_twice():
    names = ["user_id", "customer_id", "item_id"]
    assert recognise(names, {"user_id": "customer_id"}, "file")["user_id"] == "customer_id"
    assert recognise(["buyer", "user", "item"], {"item_id": "user"}, "file")["user_id"] == "buyer"
    assert "quantity" not in recognise([*names, "qty"], {"quantity": "none"}, "file")
    with pytest.raises(DataError, match="no column 'x'"):
        recognise(names, {"user_id": "x"}, "file")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("addtocart", "add_to_cart"), ("Add-To-Cart", "add_to_cart"), ("pv", "view_item"), ("click", "view_item"),
     ("buy", "purchase"), ("transaction", "purchase"), ("fav", "add_to_wishlist"), ("Share", "Share")],
)  # fmt: skip
def test_event_names(name, expected):
    assert canonical_event(name) == expected


TIMED = {"user_id": "user_id", "item_id": "item_id", "timestamp": "timestamp"}
SESSIONS = {"user_id": "session_id", "item_id": "item_id", "session_id": "session_id"}
PUBLIC = {
    "online_retail": {
        "user_id": "CustomerID", "item_id": "StockCode", "timestamp": "InvoiceDate", "quantity": "Quantity",
        "price": "UnitPrice", "transaction_id": "InvoiceNo", "event": "InvoiceNo",
    },
    "tafeng": TIMED,  # AMOUNT may be pieces or money, and SALES_PRICE is the line's: neither is guessed
    "retailrocket": {**TIMED, "event": "event"},
    "taobao": {**TIMED, "event": "event"},
    "ml100k": {**TIMED, "rating": "rating"},
    "ml1m": {"user_id": "user_id", "item_id": "item_id", "rating": "rating"},
    "ms_store": TIMED,
    "bol_example": {**SESSIONS, "timestamp": "timestamp"},
    "yoochoose64": SESSIONS,
    "gowalla": {"user_id": "user_id", "item_id": "item_id"},
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_public_data(public_data, name):
    table = public_data(name)
    events = ec.read_events(table)
    assert events.mapping == PUBLIC[name]
    assert events.rows_read == len(table)
    if name == "online_retail":
        assert sorted(events.counts.values()) == [2946, 134050]
        assert dict(events.frame["event"].value_counts().iter_rows()) == {"purchase": 396_374, "refund": 8_539}
    else:
        assert len(events) == len(table)
    if "event" in PUBLIC[name]:
        assert set(events.frame["event"]) <= {"view_item", "add_to_cart", "purchase", "add_to_wishlist", "refund"}
