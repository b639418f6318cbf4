"""Kill -9 at random moments of imports: nothing acknowledged is lost, nothing doubled, the next import completes it.

    python benchmarks/kill_import.py [--kills 100] [--stores sqlite,postgresql] [--rows 60000] [--seed 0]

A process imports a file and says so when that returns; it is killed at a moment drawn evenly from the time that an
import takes. After each kill the store must hold, as rows and as columns, exactly the files that were acknowledged,
with or without the one in flight, whole. Files overlap as a shop's exports do, and hold equal rows. A file that isn't
there yet is imported again, until a run gets through. Every ten kills a store begins anew.
"""

import argparse
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from endcap.config import Config
from endcap.shop import Shop
from endcap.store import bulk
from endcap.store.store import Store
from endcap.store.tables import EVENTS, SEGMENTS, event_schema

POSTGRES = os.environ.get("ENDCAP_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
KILLS_OF_A_STORE = 10
COLUMNS = ["user_id", "item_id", "event", "timestamp", "quantity"]
CHILD = """
import sys
from endcap.shop import Shop
import endcap.data.event_reader, endcap.store.fingerprints
shop = Shop(sys.argv[1])
print("ready", flush=True)
print("stored", shop.import_events([sys.argv[2]]).new, flush=True)
"""


def write_file(folder: Path, number: int, rows: int) -> Path:
    """Write the export of one month: its first fifth is the end of the month before; every tenth row stands twice."""
    first = number * rows
    place = pl.int_range(first - rows // 5, first + rows, eager=True)
    frame = pl.DataFrame({"n": place}).filter(pl.col("n") >= 0)
    frame = pl.concat([frame, frame.filter(pl.col("n") % 10 == 0)]).sort("n")
    file = folder / f"month-{number}.csv"
    frame.select(
        user_id=pl.col("n") * 7919 % 1009,
        item_id=pl.format("sku-{}", pl.col("n") * 104729 % 997),
        event=pl.lit("purchase"),
        timestamp=pl.from_epoch(1_700_000_000 + pl.col("n") // 3),
        quantity=pl.col("n") % 5 + 1,
    ).write_csv(file, datetime_format="%Y-%m-%d %H:%M:%S")
    return file


def expected(files: list[Path]) -> pl.DataFrame:
    """Return how often each row must be stored: as often as in the file that holds it most often."""
    read = [pl.read_csv(file, try_parse_dates=True, schema_overrides={"quantity": pl.Float64}) for file in files]
    counts = [frame.with_columns(pl.col("timestamp").cast(pl.Datetime("us"))) for frame in read]
    counts = [frame.group_by(COLUMNS).len("times") for frame in counts]
    return pl.concat(counts).group_by(COLUMNS).agg(pl.col("times").max()).sort(COLUMNS)


def held(store: Store) -> pl.DataFrame:
    """Return how often each row is stored; rows and columns must agree."""
    columns = store.events.read_all()
    with store.database.reading() as connection:
        if store.database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        types = event_schema(pl.Int64(), pl.String())
        query = sa.select(*(EVENTS.c[name] for name in COLUMNS)).order_by(EVENTS.c.id)
        table = bulk.read(connection, query, {name: types[name] for name in COLUMNS})
    assert table.equals(columns.select(COLUMNS)), "columns differ from rows"
    return table.group_by(COLUMNS).len("times").sort(COLUMNS)


def strays(store: Store, folder: Path) -> list[str]:
    """Return files of columns that the store doesn't name: of imports that were killed."""
    with store.database.reading() as connection:
        named = set(connection.execute(sa.select(SEGMENTS.c.file)).scalars())
    return [file.name for file in (folder / "columns").glob("*") if file.name not in named]


def import_and_kill(folder: Path, file: Path, after: float | None) -> tuple[bool, float]:
    """Import in a process of its own, killed after so many seconds; return whether it said so, and the time."""
    command = [sys.executable, "-c", CHILD, str(folder), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        start = time.perf_counter()
        if after is None:
            said = child.stdout.readline()
            seconds = time.perf_counter() - start
            assert child.wait() == 0
            return said.startswith("stored"), seconds
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        return child.stdout.read().startswith("stored"), after


def kill_imports(url: str, kills: int, rows: int, seed: int = 0) -> Counter[str]:
    """Kill imports into stores of their own; return how often each outcome was seen. Raises where one is wrong."""
    moment = random.Random(seed)
    outcomes: Counter[str] = Counter()
    while outcomes["kills"] < kills:
        with tempfile.TemporaryDirectory(prefix="endcap-kill-") as folder, schema_of_its_own(url) as own:
            round_of_kills(Path(folder), own, min(KILLS_OF_A_STORE, kills - outcomes["kills"]), rows, moment, outcomes)
    return outcomes


def round_of_kills(place: Path, url: str, kills: int, rows: int, moment: random.Random, outcomes: Counter[str]) -> None:
    folder = place / "shop"
    Shop.create(folder, Config(name="shop", store=url))
    store = Store(folder, url)
    files = [write_file(place, 0, rows)]
    _, seconds = import_and_kill(folder, files[0], None)
    stored, acknowledged = expected(files), True
    for _ in range(kills):
        if acknowledged:
            files.append(write_file(place, len(files), rows))
        both = expected(files)
        acknowledged, _ = import_and_kill(folder, files[-1], moment.uniform(0, seconds))
        outcomes["kills"] += 1
        now = held(store)
        if now.equals(both):
            outcomes["acknowledged" if acknowledged else "whole, not yet acknowledged"] += 1
        else:
            assert not acknowledged, "an acknowledged import is not whole"
            assert now.equals(stored), "a killed import left something, or took something away"
            outcomes["not there at all"] += 1
            outcomes["files left over"] += len(strays(store, folder))
        if not acknowledged and now.equals(both):
            acknowledged = True  # the next run would find it there; go on to the next file
        if acknowledged:
            stored = both
    import_and_kill(folder, files[-1], None)
    assert held(store).equals(expected(files)), "the next import doesn't complete the killed one"
    again = write_file(place, len(files), rows)
    import_and_kill(folder, again, None)
    assert held(store).equals(expected([*files, again]))
    assert not strays(store, folder), "files of killed imports stay"


@contextmanager
def schema_of_its_own(url: str) -> Iterator[str]:
    """Make a schema in PostgreSQL, return the URL of a store in it, and drop it; nothing for SQLite, "" throughout."""
    if not url:
        yield ""
        return
    name, engine = f"kill_{secrets.token_hex(8)}", sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    try:
        yield f"{url}?options=-csearch_path%3D{name}"
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgres", default=POSTGRES)
    options = parser.parse_args()
    for name in options.stores.split(","):
        start = time.perf_counter()
        done = kill_imports("" if name == "sqlite" else options.postgres, options.kills, options.rows, options.seed)
        counts = ", ".join(f"{count} {what}" for what, count in done.items())
        print(f"{name}: {counts}; {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
