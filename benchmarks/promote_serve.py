"""Promote and roll back under load: does a request fail, does an answer mix two models, how soon is it in force?

    python -m benchmarks.promote_serve SHOP --times 100

SHOP is a copy that may be written to; a second version is made of it if there is none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter

from benchmarks.serve import Connection, start

from endcap.models.buy_again import BuyAgain
from endcap.recommend.request import Request
from endcap.serve.live import Live
from endcap.shop import Shop

WORKERS = 2


def expected(shop: Shop, versions: list[str], users: list[int]) -> dict[str, dict[int, list[int]]]:
    """Return what each version answers to each user."""
    answers = {}
    for version in versions:
        shop.models.promote(version, "benchmark")
        engine = Live(shop).engine
        answers[version] = {
            user: [result.item for result in engine.answer(Request(user=user)).results] for user in users
        }
    return answers


async def run(port, answers, users, shop, versions, times):
    statuses, mixed, seen, lags = Counter(), 0, Counter(), []
    going = True
    latest = {"version": versions[-1], "at": time.perf_counter(), "seen": True}

    async def client(number):
        nonlocal mixed
        connection, n = Connection(port), number
        while going:
            user = users[n % len(users)]
            n += 1
            try:
                status, body = await connection.post("/api/v1/recommend", json.dumps({"user_id": user}).encode())
            except (OSError, asyncio.IncompleteReadError) as error:
                statuses[type(error).__name__] += 1
                connection = Connection(port)
                continue
            statuses[status] += 1
            said = json.loads(body)
            version = said["model_version"]
            seen[version] += 1
            mixed += [one["item_id"] for one in said["results"]] != answers[version][user]
            if version == latest["version"] and not latest["seen"]:
                latest["seen"] = True
                lags.append(time.perf_counter() - latest["at"])

    tasks = [asyncio.create_task(client(number)) for number in range(8)]
    for turn in range(times):
        version = versions[turn % 2]
        latest.update(version=version, at=time.perf_counter(), seen=False)
        await asyncio.to_thread(shop.models.promote, version, "benchmark")
        await asyncio.sleep(1.0)
    going = False
    await asyncio.gather(*tasks)
    return statuses, mixed, seen, lags


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--port", type=int, default=8767)
    given = parser.parse_args()
    shop = Shop(given.shop)
    first = shop.models.champion()
    second = shop.models.add(BuyAgain().fit(shop.interactions()), metrics={"exclude_seen": False})
    versions = [first, second]
    for version in versions:
        shop.prepared(version)
    users = shop.model.interactions_.users.ids.to_list()[:200]
    answers = expected(shop, versions, users)
    process = start(given.shop, given.port, WORKERS, "recommend")
    try:
        statuses, mixed, seen, lags = asyncio.run(run(given.port, answers, users, shop, versions, given.times))
    finally:
        process.terminate()
        process.wait(20)
    lags.sort()
    print(
        f"{given.times} promotions, {sum(statuses.values()):,} requests: {dict(statuses)}, {mixed} answers mixed; "
        f"in force after {lags[len(lags) // 2]:.2f} s (median), {lags[-1]:.2f} s (longest); {dict(seen)}"
    )


if __name__ == "__main__":
    main()
