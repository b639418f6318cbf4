"""Make a large synthetic shop: so many shoppers, products and events, stored and served as any other.

    python -m benchmarks.big_shop FOLDER --model ItemKNN

A million shoppers, a hundred thousand products and fifty million events of a year unless said otherwise, from a fixed
seed. Shoppers come in sessions of one to nine events; a few shoppers come often (log-normal), a few products are
looked at often (Zipf), and each shopper keeps to five of the shop's five hundred types for most of what they look at.
The events go through `import_events` as a shop's own would, file by file; one model is fitted on all of them and put
to use without a contest. `--numbers` gives the ids as numbers in place of text.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from endcap.config import Config
from endcap.shop import Shop

TYPES, OWN_TYPES, FILES, DAYS = 500, 5, 50, 365
LENGTH = 5  # the mean number of events of a session
BEGIN = 1_700_000_000  # seconds since 1970


def zipf(n: int, exponent: float = 1.0) -> np.ndarray:
    weights = 1 / np.arange(1, n + 1) ** exponent
    return np.cumsum(weights / weights.sum())


class Shoppers:
    """Draws events of the shop, a stretch of time after the other."""

    def __init__(self, users: int, items: int, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        activity = np.exp(self.chance.normal(0, 1, users))
        self.activity = np.cumsum(activity / activity.sum())
        self.types = self.chance.choice(TYPES, (users, OWN_TYPES), p=np.diff(zipf(TYPES, 0.7), prepend=0)).astype("i2")
        self.of_rank = self.chance.permutation(items).astype(
            "i4"
        )  # a product's popularity has nothing to do with its id
        self.items, self.each = items, items // TYPES
        self.over_all, self.within = zipf(items), zipf(self.each)

    def draw(self, n: int, first: float, last: float) -> pl.DataFrame:
        lengths = self.chance.integers(1, 2 * LENGTH, n // LENGTH + 1000)
        lengths = lengths[: np.searchsorted(np.cumsum(lengths), n) + 1]
        session = np.repeat(np.arange(len(lengths)), lengths)[:n]
        begin = np.sort(self.chance.uniform(first, last, len(lengths)))
        user = np.searchsorted(self.activity, self.chance.random(len(lengths)))[session]
        place = np.arange(n) - np.concatenate([[0], np.cumsum(lengths)[:-1]])[session]
        time = begin[session] + 40 * place
        kind = self.types[user, self.chance.integers(0, OWN_TYPES, n)].astype("i4")
        own = kind + TYPES * np.searchsorted(self.within, self.chance.random(n)).clip(0, self.each - 1)
        anything = np.searchsorted(self.over_all, self.chance.random(n)).clip(0, self.items - 1)
        item = self.of_rank[np.where(self.chance.random(n) < 0.75, own, anything)]  # type = rank modulo TYPES
        event = self.chance.choice(np.array(["view", "add_to_cart", "purchase"]), n, p=[0.8, 0.1, 0.1])
        order = np.argsort(time, kind="stable")
        frame = pl.DataFrame({"user_id": user, "item_id": item, "event": event, "timestamp": (time * 1e6).astype("i8")})
        return frame[order].with_columns(pl.col("timestamp").cast(pl.Datetime("us")))

    def catalogue(self) -> pl.DataFrame:
        rank = np.empty(self.items, np.int64)
        rank[self.of_rank] = np.arange(self.items)
        numbers = np.arange(self.items)
        return pl.DataFrame(
            {
                "item_id": numbers,
                "title": [f"Product {number}" for number in numbers],
                "product_type": [f"Type {one}" for one in rank % TYPES],
                "brand": [f"Brand {one}" for one in self.chance.integers(0, 2000, self.items)],
                "price": self.chance.lognormal(3, 1, self.items).round(2),
                "availability": self.chance.choice(["in_stock", "out_of_stock"], self.items, p=[0.95, 0.05]),
            }
        )


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.concat_str([pl.lit(letter), pl.col(name).cast(pl.String).str.zfill(7)]).alias(name)
        for name, letter in (("user_id", "u"), ("item_id", "p"))
        if name in frame.columns
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--model", default="ItemKNN")
    parser.add_argument("--numbers", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    begin = time.perf_counter()

    def told(what: str) -> None:
        print(f"{time.perf_counter() - begin:7.0f} s  {what}", flush=True)

    told_ids = (lambda frame: frame) if given.numbers else as_text
    if (given.folder / "endcap.toml").exists():
        shop = Shop(given.folder)
    else:
        shop = Shop.create(given.folder, Config(name="Large"))
        shoppers = Shoppers(given.users, given.items, given.seed)
        shop.import_items(told_ids(shoppers.catalogue()))
        each, span = given.events // FILES, DAYS * 86_400 / FILES
        with tempfile.TemporaryDirectory(dir=given.folder) as temporary:
            for number in range(FILES):
                file = Path(temporary) / f"{number}.parquet"
                first = BEGIN + number * span
                told_ids(shoppers.draw(each, first, first + span - 3600)).write_parquet(file)
                done = shop.import_events(file)
                file.unlink()
                told(f"{file.name}: {done.new:,} events, {done.known:,} repeated")
    model = shop.new_model(given.model)
    data = shop.interactions(log=model._needs_log)
    told(f"{data.shape[0]:,} shoppers x {data.shape[1]:,} products, {data.nnz:,} pairs")
    model.fit(data)
    told(f"{model!r} is fitted")
    version = shop.models.add(model, metrics={"exclude_seen": True})
    shop.prepared(version)
    shop.models.promote(version, "benchmark")
    told(f"{version} is in use")


if __name__ == "__main__":
    main()
