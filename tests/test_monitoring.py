"""The monitors of a shop that is served."""

import shutil
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from endcap.config import Config
from endcap.errors import ShopError
from endcap.monitoring import look, tell
from endcap.shop import Shop
from endcap.store.answers import Feedback, Given

NOW = datetime(2026, 11, 6, 15, 20)


def micro(time):
    return int(time.replace(tzinfo=UTC).timestamp() * 1_000_000)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    shop = Shop.create(tmp_path_factory.mktemp("watched") / "shop", Config(name="watched"))
    rows = [(f"u{n % 20}", f"i{(n * 7) % 12}", "purchase", NOW - timedelta(days=60, minutes=n)) for n in range(400)]
    from endcap.data.events import Events

    columns = ["user_id", "item_id", "event", "timestamp"]
    shop.add_events(Events(pl.DataFrame(rows, schema=columns, orient="row")))
    shop.import_items(pl.DataFrame({"item_id": [f"i{n}" for n in range(12)], "title": [f"P {n}" for n in range(12)]}))
    shop.train(minutes=0)
    return shop.folder


@pytest.fixture
def shop(trained, tmp_path):
    return Shop(shutil.copytree(trained, tmp_path / "shop"))


def send(shop, weeks, per_hour=20, until=NOW, item="i1"):
    hours = [until - timedelta(hours=n) for n in range(1, weeks * 7 * 24)]
    times = [hour for hour in hours for _ in range(per_hour)]
    n = len(times)
    shop.store.events.append(
        pl.DataFrame(
            {
                "event_id": [f"{item}-{until}-{k}" for k in range(n)],
                "user_id": ["u1"] * n, "item_id": [item] * n, "event": ["view_item"] * n, "timestamp": times,
            }
        )
    )  # fmt: skip


def answer(shop, n, when, *, fallback=False, items=("i1", "i2"), score=1.0, short=False, version=None):
    version = version or shop.models.champion()
    own, at = (None, "u1", fallback, {}, list(items)), micro(when)
    given = [
        Given(f"{when}-{k}", at - k * 30_000_000, "recommended-for-you", version, *own, short=short,
              score=score and score + k % 10)
        for k in range(n)
    ]  # fmt: skip
    shop.store.answers.add(given)
    return given


def states(shop, now=NOW):
    return {one.name: one.state for one in look(shop, now=now)}


def test_a_new_shop_has_too_little_to_say_and_no_alarm(shop):
    assert set(states(shop).values()) <= {"unknown", "fine"}


def test_each_monitor_sees_what_it_is_for(shop):
    send(shop, 3, until=NOW - timedelta(hours=3))  # nothing in the last three hours
    send(shop, 1, item="nowhere", until=NOW - timedelta(hours=3))
    for day in range(2, 8):
        answer(shop, 600, NOW - timedelta(days=day), items=[f"i{day}", f"i{day + 1}", f"i{day + 2}"])
    answer(shop, 700, NOW - timedelta(hours=2), score=50.0, items=["i1"])
    answer(shop, 2000, NOW - timedelta(hours=1), fallback=True, items=[], score=None, short=True)
    found = {one.name: one for one in look(shop, now=NOW)}
    assert {name: one.state for name, one in found.items()} == {
        "events": "alarm", "unknown_items": "alarm", "fallbacks": "warn", "short_answers": "alarm",
        "empty_answers": "alarm", "score_drift": "alarm", "coverage": "alarm", "model_age": "fine",
        "click_through": "unknown",
    }  # fmt: skip
    for one in found.values():
        assert one.told
        assert ("What to do" in one.told) == (one.state in ("warn", "alarm"))
    assert next(iter(found.values())).state == "alarm", "the worst first"


def test_a_healthy_shop_is_fine(shop):
    send(shop, 4)
    for day in range(1, 8):
        answer(shop, 600, NOW - timedelta(days=day, hours=1))
    answer(shop, 700, NOW - timedelta(hours=1))
    found = states(shop)
    del found["click_through"]
    assert set(found.values()) == {"fine"}, found


def test_the_models_age_counts_where_there_is_something_to_learn(shop):
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=40)
    assert states(shop, later)["model_age"] == "fine"
    send(shop, 1)
    assert states(shop, later)["model_age"] == "alarm"


def test_click_through_is_compared_with_the_model_before(shop):
    old = shop.models.champion()
    model = shop.models.load()
    new = shop.models.add(model, metrics={})
    shop.models.promote(new, "better")
    for version, clicked in ((old, 200), (new, 40)):
        given = answer(shop, 2000, NOW - timedelta(hours=2 if version == new else 50), version=version)
        told = [Feedback(f"s{g.recommendation_id}", g.at, g.recommendation_id, "impression", "u1", "i1") for g in given]
        told += [Feedback(f"c{g.recommendation_id}", g.at, g.recommendation_id, "click", "u1", "i1")
                 for g in given[:clicked]]  # fmt: skip
        shop.store.answers.add_feedback(told)
    found = next(one for one in look(shop, now=NOW) if one.name == "click_through")
    assert found.state == "alarm"
    assert old in found.told


def test_a_monitor_can_be_turned_off_and_its_limits_set(shop):
    with (shop.folder / "endcap.toml").open("a") as file:
        file.write("\n[monitors]\nevents = false\nshort_answers = { warn = 0.5, alarm = 0.9 }\ncoverage = true\n")
        file.write("empty_answers = { alarm = 2 }\n")
    shop = Shop(shop.folder)
    answer(shop, 500, NOW - timedelta(hours=2), short=True, items=[])
    found = {one.name: one for one in look(shop, now=NOW)}
    assert "events" not in found
    assert found["short_answers"].threshold == "50.0% / 90.0%"
    assert found["empty_answers"].state == "warn"


@pytest.mark.parametrize(
    "line", ['webhook = "file:///etc/passwd"', "events = 3", "events = { wrn = 1 }", "evnts = false"]
)
def test_what_cant_be_is_refused(shop, line):
    with (shop.folder / "endcap.toml").open("a") as file:
        file.write(f"\n[monitors]\n{line}\n")
    with pytest.raises(ShopError, match="monitors"):
        Shop(shop.folder)


def test_an_alarm_is_posted_once_when_it_begins_and_once_when_it_ends(shop):
    with (shop.folder / "endcap.toml").open("a") as file:
        file.write('\n[monitors]\nwebhook = "https://hooks.example/x"\n')
    sent, works = [], [True]

    def post(url, message):
        assert url == "https://hooks.example/x"
        if works[0]:
            sent.append(message)
        return works[0]

    def turn(now):
        again = Shop(shop.folder)  # as after a restart, or another worker
        look(again, now=now)
        tell(again, post=post)

    answer(shop, 500, NOW - timedelta(hours=2), short=True)
    works[0] = False
    turn(NOW)
    assert sent == []
    works[0] = True
    turn(NOW)
    turn(NOW)
    assert [(one["monitor"], one["event"]) for one in sent] == [("short_answers", "alarm")]
    assert sent[0]["shop"] == "watched"
    assert sent[0]["figure"] == 1.0
    assert "What to do" in sent[0]["text"]
    turn(NOW + timedelta(days=2))
    turn(NOW + timedelta(days=2))
    assert [one["event"] for one in sent] == ["alarm", "resolved"]


def test_a_real_webhook(shop):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with (shop.folder / "endcap.toml").open("a") as file:
            file.write(f'\n[monitors]\nwebhook = "http://127.0.0.1:{server.server_port}"\n')
        answer(shop, 500, NOW - timedelta(hours=2), short=True)
        again = Shop(shop.folder)
        look(again, now=NOW)
        tell(again)
        tell(again)
        server.shutdown()
    assert len(taken) == 1
    assert b'"short_answers"' in taken[0]
