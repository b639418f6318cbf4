"""Workers even out what they have to do: who does more than its share closes a connection."""

import random

from fastapi.testclient import TestClient

from endcap.serve.app import create_app
from endcap.serve.balance import shares


def test_who_does_everything_closes_a_connection_now_and_then():
    busy, _idle = shares(2)
    closes = [busy.is_more() for _ in range(640)]
    assert sum(closes) == 10
    assert not any(closes[:63])


def test_who_does_as_much_as_the_others_hardly_ever_does():
    chance, workers = random.Random(0), shares(3)
    closes = sum(chance.choice(workers).is_more() for _ in range(30_000))
    assert closes < 30


def test_only_the_busier_one_does():
    one, other = shares(2)
    closed = {one: 0, other: 0}
    for _ in range(1000):
        for worker in (one, one, one, other):
            closed[worker] += worker.is_more()
    assert closed[one] > 20
    assert closed[other] == 0


def test_the_answer_says_that_its_connection_closes(folder):
    busy, _idle = shares(2)
    with TestClient(create_app(folder, busy), base_url="http://127.0.0.1") as client:
        answers = [client.get("/health/live") for _ in range(64)]
    assert [answer.headers.get("connection") for answer in answers] == [None] * 63 + ["close"]
    assert {answer.status_code for answer in answers} == {200}
