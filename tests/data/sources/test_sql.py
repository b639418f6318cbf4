"""Events, items and users from databases: SQLite always, PostgreSQL where one listens on this machine."""

import os
import socket
import sqlite3
import uuid
from datetime import datetime
from decimal import Decimal

import pytest

import endcap as ec
from endcap.data.sources import sql
from endcap.errors import DataError

POSTGRES = os.environ.get("ENDCAP_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
ORDERS = "select customer, sku, bought_at as created_at, pieces as quantity, price from orders order by id"


@pytest.fixture
def shop(tmp_path):
    file = tmp_path / "shop.db"
    base = sqlite3.connect(file)
    base.execute("create table orders (id integer, customer integer, sku text, bought_at text, pieces int, price real)")
    rows = [
        (1, 7, "a", "2024-01-01 10:00:00", 1, 2.5),
        (2, None, "b", "2024-01-02 10:00:00", 1, 3.0),
        (3, 8, "b", "2024-01-03 10:00:00", 2, 3.0),
    ]
    base.executemany("insert into orders values (?, ?, ?, ?, ?, ?)", rows)
    base.commit()
    base.close()
    return f"sqlite:///{file}"


def refusal(url, **options):
    with pytest.raises(DataError) as caught:
        ec.read_events(url, **options)
    return str(caught.value)


def test_sqlite(shop):
    events = ec.read_events(shop, query=ORDERS)
    assert events.frame.rows() == [
        (7, "a", "purchase", datetime(2024, 1, 1, 10), 1, 2.5),
        (8, "b", "purchase", datetime(2024, 1, 3, 10), 2, 3.0),
    ]
    assert events.quarantine.select("file", "row", "reason").rows() == [(shop, 2, "user_id is empty")]
    assert ec.read_items(shop, query="select distinct sku, price from orders order by sku").rows() == [
        ("a", 2.5),
        ("b", 3.0),
    ]
    assert ec.read_users(shop, query="select distinct customer, 'x' as tier from orders").rows() == [(7, "x"), (8, "x")]


def test_batches_are_put_together(shop, monkeypatch):
    monkeypatch.setattr(sql, "_BATCH", 1)
    assert len(ec.read_events(shop, query=ORDERS)) == 2


def test_a_query_may_hold_colons(shop):
    query = "select customer, sku, bought_at from orders where bought_at > '2024-01-02 00:00:00' and customer = 8"
    assert len(ec.read_events(shop, query=query)) == 1


def test_what_goes_wrong_is_said(shop):
    assert refusal(shop) == f'{shop}: say what to read: query="select ..." (--query on the command line)'
    assert refusal(shop, query="select * from order_lines") == f"{shop}: no such table: order_lines"
    assert refusal(shop, query="select * from orders where id > 9") == f"{shop} has no rows"
    assert refusal("nosuch://host/base", query="select 1") == "no database is known by the scheme 'nosuch'"
    assert "unable to open database file" in refusal("sqlite:////nowhere/at/all.db", query="select 1")


def test_a_query_changes_nothing(shop):
    assert "has no column" in refusal(shop, query="delete from orders returning *", user="nobody")
    assert len(ec.read_events(shop, query=ORDERS)) == 2


@pytest.fixture
def postgres():
    pytest.importorskip("psycopg")
    import sqlalchemy

    try:
        socket.create_connection(("127.0.0.1", 5432), timeout=1).close()
        engine = sqlalchemy.create_engine(POSTGRES)
        with engine.connect():
            pass
    except (OSError, sqlalchemy.exc.OperationalError) as error:
        pytest.skip(f"needs PostgreSQL: {error}")
    table = f"endcap_test_{uuid.uuid4().hex}"
    shoppers = [uuid.UUID(int=n) for n in range(3)]
    with engine.begin() as base:
        base.exec_driver_sql(
            f"create table {table} (customer_id uuid, product_id bigint, created_at timestamptz, price numeric(10, 2))"
        )
        for n in range(9):
            base.execute(
                sqlalchemy.text(f"insert into {table} values (:u, :i, :t, :p)"),
                {"u": shoppers[n % 3], "i": n % 4, "t": f"2024-01-0{n + 1} 12:00:00+02:00", "p": Decimal(f"{n}.25")},
            )
    yield table
    with engine.begin() as base:
        base.exec_driver_sql(f"drop table {table}")
    engine.dispose()


def test_postgresql(postgres, monkeypatch):
    monkeypatch.setattr(sql, "_BATCH", 4)
    query = f"select *, 'purchase'::text as event from {postgres} order by created_at"
    events = ec.read_events(POSTGRES, query=query)
    assert events.frame.row(1, named=True) == {
        "user_id": str(uuid.UUID(int=1)),
        "item_id": 1,
        "event": "purchase",
        "timestamp": datetime(2024, 1, 2, 10),
        "price": 1.25,
    }
    assert len(events) == 9


def test_the_password_is_in_no_message():
    pytest.importorskip("psycopg")
    message = refusal("postgresql+psycopg://shop:secret@127.0.0.1:1/shop", query="select 1")
    assert message.startswith("postgresql+psycopg://shop:***@127.0.0.1:1/shop: ")
    assert "secret" not in message
