"""`endcap.explore` on a shop of 10 million events, 1 million shoppers, 100,000 products: time and memory.

    python benchmarks/explore.py [--rows 10000000]

The events are made: shoppers and products by power laws, a year of orders of up to five lines.
Runs with 2 threads.
"""

import argparse
import os
import resource
import sys
import time

os.environ.setdefault("POLARS_MAX_THREADS", "2")


def make_events(rows: int):
    """Return events of `rows` lines, `rows / 10` shoppers and `rows / 100` products, and a catalogue."""
    import numpy as np
    import polars as pl

    import endcap as ec

    rng = np.random.default_rng(0)
    users, items = max(rows // 10, 10), max(rows // 100, 10)
    lines = rng.integers(1, 6, rows // 2)  # of an order, three on average
    order = np.repeat(np.arange(len(lines)), lines)[:rows]
    order = np.concatenate([order, np.arange(rows - len(order)) + len(lines)])
    orders = int(order[-1]) + 1
    shopper = (users * rng.random(orders) ** 2).astype(np.int64)
    second = rng.integers(1_735_689_600, 1_767_225_600, orders)  # 2025
    item = (items * rng.random(rows) ** 3).astype(np.int64)
    frame = pl.DataFrame(
        {
            "user_id": shopper[order],
            "item_id": item,
            "event": pl.repeat("purchase", rows, eager=True),
            "timestamp": pl.Series(second[order] * 1_000_000).cast(pl.Datetime("us")),
            "quantity": rng.integers(1, 4, rows),
            "price": np.round(np.exp(rng.normal(2, 1, items))[item], 2),
            "transaction_id": order,
        }
    )
    products = np.arange(items)
    kinds = pl.Series([f"Kind {n % 40}" for n in products])
    return ec.Events(frame), pl.DataFrame(
        {"item_id": products, "title": kinds + " no. " + pl.Series(products).cast(pl.String), "product_type": kinds}
    )


def main() -> None:
    from common import print_table

    import endcap as ec

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    events, items = make_events(rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    steps: list[list[object]] = []
    start, cpu = time.perf_counter(), time.process_time()
    seen = ec.explore(events, items)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    start = time.perf_counter()
    seen.write(os.devnull if sys.platform == "win32" else "/tmp/endcap-explore-benchmark.html")
    steps.append(
        [
            f"{rows:,} events",
            wall,
            cpu,
            time.perf_counter() - start,
            before,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        ]
    )
    print_table(["explore", "seconds", "CPU seconds", "page", "GiB with the events", "peak GiB"], steps)
    print(seen)


if __name__ == "__main__":
    main()
