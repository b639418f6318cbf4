"""A store with data in it, of every version there was, is brought up to date when it is opened."""

import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from endcap.store import migrations

VERSION_1 = """
    INSERT INTO meta VALUES ('user_id', '{kind}'), ('item_id', 'text'), ('next event', '3');
    INSERT INTO imports VALUES (1, 0, 'events', 'a.csv', 'mark', 3, 2, 0, 1);
    INSERT INTO events VALUES (1, 1, {one}, 'a', 'purchase', 1767225600000000, 2.0, 9.5, NULL, 's', 't', 'e1');
    INSERT INTO events VALUES (2, 1, {two}, 'b', 'view_item', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO quarantine VALUES (1, 'a.csv', 3, 'user_id is empty', '{{}}');
    INSERT INTO items (item_id, title, price, attributes, updated) VALUES ('a', 'Cup', 9.5, '{{"colour": "red"}}', 0);
    INSERT INTO offers VALUES ('a', 0, 9.5, NULL, 'in_stock');
    INSERT INTO users VALUES ({one}, '{{"age": 30}}', 0)
"""


@pytest.mark.parametrize("kind", ["text", "number"])
def test_from_version_1(place, add, kind):
    ids = ("'u-1'", "'u-2'") if kind == "text" else ("1", "2")
    place.folder.mkdir()
    engine = sa.create_engine(place.url or f"sqlite:///{place.folder / 'store.sqlite'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        migrations.migrate(connection, to=1)
        if kind == "number" and place.url:
            for table in ("events", "users"):
                connection.exec_driver_sql(f"ALTER TABLE {table} ALTER user_id TYPE BIGINT USING user_id::BIGINT")
        for statement in VERSION_1.format(kind=kind, one=ids[0], two=ids[1]).split(";"):
            connection.exec_driver_sql(statement)
        assert migrations.version(connection) == 1

    store = place.open()
    with store.database.reading() as connection:
        assert migrations.version(connection) == len(migrations.MIGRATIONS) > 1
    frame = store.events.read().frame
    users = ["u-1", "u-2"] if kind == "text" else [1, 2]
    assert frame["user_id"].to_list() == users
    assert frame["event_id"].to_list() == ["e1", None]
    assert store.catalogue.items().rows(named=True)[0]["colour"] == "red"
    assert store.catalogue.users().rows() == [(users[0], 30)]
    assert store.events.find("mark").events == 2
    again = add(store, frame)
    assert (again.new, again.known) == (0, 2)
    visitor = {"user_id": users[:1], "item_id": ["c"], "anonymous_id": users[1:]}
    assert add(store, visitor).new == 1
    assert_frame_equal(place.open().events.read().frame[:2].select(frame.columns), frame)
