"""How long filters take on 100,000 products, one core.

    python benchmarks/filters.py

"anew": as after a change of a column. "again": the next request, with another product in the context.
"""

import time

import numpy as np
import polars as pl
from common import print_table

from endcap.recommend.filters.columns import Columns
from endcap.recommend.filters.filter import Filter

PRODUCTS, REQUESTS = 100_000, 500
FILTERS = (
    'price < 50 AND brand IN ("brand 1", "brand 2") AND NOT product_type STARTS WITH "Toys"',
    "price <= 1.3 * context.price",
    "product_type = context.product_type",
    "product_type STARTS WITH context.product_type",
    'title CONTAINS "99"',
    'price < 50 AND NOT product_type STARTS WITH "Toys" AND price <= 1.3 * context.price',
)


def main() -> None:
    random = np.random.default_rng(1)
    kinds = [f"{'Toys' if n % 7 == 0 else 'Food'} > kind {n}" for n in range(2000)]
    table = {
        "price": random.uniform(1, 100, PRODUCTS),
        "brand": [f"brand {n}" for n in random.integers(0, 500, PRODUCTS)],
        "title": [f"Product {n}" for n in range(PRODUCTS)],
        "product_type": [kinds[n] for n in random.integers(0, len(kinds), PRODUCTS)],
    }
    columns = Columns(pl.DataFrame(table))
    rows = []
    for text in FILTERS:
        keep = Filter(text, columns)
        contexts = [columns.row(int(at)) for at in random.integers(0, PRODUCTS, REQUESTS + 1)]
        keep.mask(contexts[0])
        for name in columns.names:
            columns[name].version += 1
        begin = time.process_time()
        keep.mask(contexts[0])
        anew = time.process_time() - begin
        begin = time.process_time()
        for context in contexts[1:]:
            keep.mask(context)
        again = (time.process_time() - begin) / REQUESTS
        rows.append([text, f"{1e3 * anew:.2f}", f"{1e3 * again:.3f}"])
    print_table(["filter", "anew, ms", "again, ms"], rows)


if __name__ == "__main__":
    main()
