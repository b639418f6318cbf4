"""How fast `endcap serve` answers, asked over loopback by a process of its own.

    python -m benchmarks.serve SHOP recommend --rate 1000 --seconds 60 --workers 2
    python -m benchmarks.serve SHOP events --clients 64 --seconds 10
    python -m benchmarks.serve SHOP batches --clients 4 --seconds 10
    python -m benchmarks.serve SHOP bare --rate 1000 --seconds 10
    python -m benchmarks.serve SHOP recommend --rate 300 --seconds 30 --training aside

`recommend` sends at a fixed rate whatever comes back (an open loop: a slow server isn't asked less), `events` and
`batches` as fast as so many clients get their acknowledgements. `bare` is the same framework with an endpoint that
does nothing. With `--fresh` every shopper has just seen a product, so that no list that was kept answers. `--training
aside` trains meanwhile as `endcap serve --retrain-every` does, 19 steps of niceness below the server and on half of the
cores; `plain` trains as if nobody were served. SHOP is a copy that may be written to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil

HOST = "127.0.0.1"
BARE = """
import orjson
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response
app = FastAPI()
class Body(BaseModel):
    surface: str
    user_id: int | str
@app.get("/health/live")
async def live():
    return {}
@app.post("/api/v1/recommend")
async def recommend(body: Body):
    return Response(orjson.dumps({"results": [{"item_id": n, "score": 1.0} for n in range(10)]}))
"""


def start(shop: str, port: int, workers: int, mode: str) -> subprocess.Popen[bytes]:
    if mode == "bare":
        Path("/tmp/endcap_bare.py").write_text(BARE)
        command = [sys.executable, "-m", "uvicorn", "endcap_bare:app", "--app-dir", "/tmp", "--port", str(port),
                   "--workers", str(workers), "--log-level", "warning", "--no-access-log"]  # fmt: skip
    else:
        run = "from endcap.cli import main; main()"
        command = [sys.executable, "-c", run, "serve", "--shop", shop, "--port", str(port), "--workers", str(workers)]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # as an installed one starts

    def begin() -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment)

    process = begin()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.02)
        if process.poll() is not None:  # the port wasn't free yet: a supervisor would start it again as well
            process = begin()
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/health/live", timeout=1).read()
        except OSError:
            continue
        if mode == "bare" or workers == 1 or len(psutil.Process(process.pid).children()) >= workers:
            return process  # its own answer, not an earlier one's
    raise TimeoutError("the server doesn't start")


class Connection:
    """One kept-alive connection; HTTP as little as it takes, for the generator shares the cores with the server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.writer: asyncio.StreamWriter | None = None
        self.used = 0.0

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self.writer is not None and time.perf_counter() - self.used > 3:  # before the server closes it as idle
            self.writer.close()
            self.writer = None
        self.used = time.perf_counter()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(HOST, self.port)
        self.writer.write(
            b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (path.encode(), len(body), body)
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        head = head.lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        if b"\nconnection: close" in head:
            self.writer.close()
            self.writer = None
        return int(head[9:12]), body


async def open_loop(port, bodies, rate, seconds, path):
    """Return latencies from the moment a request was due, and the statuses."""
    idle = [Connection(port) for _ in range(64)]
    latencies, service, statuses = [], [], Counter()
    begin = time.perf_counter() + 0.2
    tasks = set()

    async def one(body, due):
        connection = idle.pop() if idle else Connection(port)
        sent = time.perf_counter()
        try:
            status, _ = await connection.post(path, body)
        except (OSError, asyncio.IncompleteReadError) as error:
            statuses[type(error).__name__] += 1
            return
        latencies.append(time.perf_counter() - due)
        service.append(time.perf_counter() - sent)
        statuses[status] += 1
        idle.append(connection)

    for n in range(int(rate * seconds)):
        due = begin + n / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(bodies[n % len(bodies)], due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return latencies, service, statuses


async def closed_loop(port, make, clients, seconds, path):
    latencies, statuses = [], Counter()
    until = time.perf_counter() + seconds

    async def client(number):
        connection, n = Connection(port), 0
        while time.perf_counter() < until:
            start = time.perf_counter()
            status, _ = await connection.post(path, make(number, n))
            latencies.append(time.perf_counter() - start)
            statuses[status] += 1
            n += 1

    await asyncio.gather(*(client(number) for number in range(clients)))
    return latencies, latencies, statuses


TRAIN = """
import os, sys
from endcap.serve import beside
own = os.getpriority(os.PRIO_PROCESS, 0)
if sys.argv[1] == "aside":
    beside.step_aside()
    os.setpriority(os.PRIO_PROCESS, 0, min(19, own + 19))
from endcap.shop import Shop
shop = Shop(sys.argv[2])
while True:
    for model in shop.candidates():
        model.fit(shop.interactions(log=model._needs_log))
"""


def train(shop: str, how: str) -> subprocess.Popen[bytes]:
    """Fit the shop's candidates over and over, without putting one to use."""
    return subprocess.Popen([sys.executable, "-c", TRAIN, how, shop], stdin=subprocess.DEVNULL)


def ids(shop):
    from endcap.shop import Shop

    data = Shop(shop).model.interactions_
    return data.users.ids.to_list(), data.items.ids.to_list()


def requests(given, users, items):
    chance = random.Random(0)
    asked = [{"surface": given.surface, "user_id": chance.choice(users)} for _ in range(5000)]
    if given.surface in ("similar-items", "frequently-bought-together", "cart"):
        asked = [one | {"context_items": [chance.choice(items)]} for one in asked]
    if given.fresh:
        asked = [one | {"history": [chance.choice(items)]} for one in asked]
    return [json.dumps(one).encode() for one in asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("mode", choices=["recommend", "events", "batches", "bare"])
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--surface", default="recommended-for-you")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--training", choices=["none", "aside", "plain"], default="none")
    given = parser.parse_args()
    users, items = ids(given.shop)
    chance = random.Random(0)
    process = start(given.shop, given.port, given.workers, given.mode)
    training = None if given.training == "none" else train(given.shop, given.training)
    try:
        if training:
            time.sleep(8)  # past its imports
        if given.mode in ("recommend", "bare"):
            bodies = requests(given, users, items)
            time.sleep(1.0)  # every worker has begun
            asyncio.run(open_loop(given.port, bodies, min(200, given.rate), 3, "/api/v1/recommend"))  # warm
            run = open_loop(given.port, bodies, given.rate, given.seconds, "/api/v1/recommend")
        else:
            size = 1 if given.mode == "events" else 500
            seed = os.getpid()

            def make(client, n):
                events = [
                    {"event": "view_item", "user_id": chance.choice(users), "item_id": chance.choice(items),
                     "event_id": f"{seed}-{client}-{n}-{m}"}
                    for m in range(size)
                ]  # fmt: skip
                return json.dumps(events[0] if size == 1 else {"events": events}).encode()

            path = "/api/v1/events" if size == 1 else "/api/v1/events:batch"
            run = closed_loop(given.port, make, given.clients, given.seconds, path)
        begin = time.perf_counter()
        latencies, service, statuses = asyncio.run(run)
        took = time.perf_counter() - begin
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        memory = sum(one.memory_full_info().pss for one in family) / 2**20
    finally:
        if training:
            training.kill()
        process.terminate()
        process.wait(20)
    latencies.sort()
    service.sort()
    n = len(latencies)
    times = ", ".join(f"p{p} {1000 * latencies[min(n - 1, int(n * p / 100))]:.2f}" for p in (50, 90, 99, 99.9))
    rows = n * (500 if given.mode == "batches" else 1)
    print(
        f"{given.mode} {given.surface}: {rows / took:,.0f}/s for {took:.0f} s, ms: {times}, "
        f"p50 from sending {1000 * service[n // 2]:.2f}; {dict(statuses)}; {memory:,.0f} MB in {len(family)} processes"
    )


if __name__ == "__main__":
    main()
