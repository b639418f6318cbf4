"""Kill a server under load, again and again: is every acknowledged event there once, and how soon is it back?

    python -m benchmarks.kill_serve SHOP --kills 50 --seed 0

Alternately one worker and the whole server get SIGKILL while clients send events. A killed server is started again at
once, as a supervisor would. SHOP is a copy that may be written to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import time
from collections import Counter

import psutil
from benchmarks.serve import Connection, ids, start


async def client(port, number, users, items, acknowledged, gaps, errors, until):
    connection, n = Connection(port), 0
    last = time.perf_counter()
    chance = random.Random(number)
    while time.perf_counter() < until[0]:
        n += 1
        event = {"event": "view_item", "user_id": chance.choice(users), "item_id": chance.choice(items)}
        name = f"kill-{os.getpid()}-{number}-{n}"
        try:
            status, _ = await asyncio.wait_for(
                connection.post("/api/v1/events", json.dumps(event | {"event_id": name}).encode()), 10
            )
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            errors[type(error).__name__] += 1
            connection = Connection(port)
            await asyncio.sleep(0.02)
            continue
        if status == 200:
            acknowledged.append(name)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
        else:
            errors[status] += 1


async def run(shop, kills, port, workers, seed):
    users, items = ids(shop)
    chance = random.Random(seed)
    process = start(shop, port, workers, "recommend")
    acknowledged, errors, outages = [], Counter(), []
    until = [float("inf")]
    gaps: list[float] = []
    tasks = [
        asyncio.create_task(client(port, number, users, items, acknowledged, gaps, errors, until))
        for number in range(8)
    ]
    for kill in range(kills):
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        whole = kill % 2 == 0
        victims = psutil.Process(process.pid).children(recursive=True)
        begin, count = time.perf_counter(), len(acknowledged)
        if whole:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process = await asyncio.to_thread(start, shop, port, workers, "recommend")
        else:
            chance.choice(victims).kill()
        while len(acknowledged) == count:
            await asyncio.sleep(0.005)
        outages.append((time.perf_counter() - begin, whole))
    until[0] = 0
    await asyncio.gather(*tasks)
    process.terminate()
    process.wait(20)
    return acknowledged, errors, outages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    acknowledged, errors, outages = asyncio.run(run(given.shop, given.kills, given.port, given.workers, given.seed))
    from endcap.shop import Shop

    stored = Counter(Shop(given.shop).store.events.read_all()["event_id"].drop_nulls().to_list())
    lost = sum(stored[name] == 0 for name in acknowledged)
    doubled = sum(count > 1 for count in stored.values())
    whole = sorted(seconds for seconds, of_all in outages if of_all)
    part = sorted(seconds for seconds, of_all in outages if not of_all)
    print(
        f"{len(outages)} kills, {len(acknowledged):,} acknowledged events: {lost} lost, {doubled} doubled; "
        f"next acknowledged event after the server was killed: median {whole[len(whole) // 2]:.2f} s, "
        f"longest {whole[-1]:.2f} s; after a worker was: longest {part[-1] if part else 0:.2f} s; errors {dict(errors)}"
    )


if __name__ == "__main__":
    main()
