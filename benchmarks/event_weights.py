"""What a view, a mark and a cart should count beside a purchase: NDCG@10 over a grid, on data with several behaviours.

Every shopper's latest purchase of the training data is held out, with all events of that pair, to choose the weights;
the published held-out purchase (`test`) is used once, to report. Views and carts count for nothing in the test.

    python benchmarks/event_weights.py [retailrocket taobao]
"""

import os
import sys
import time
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

import endcap as ec
from endcap.data.schema import EVENT_WEIGHTS
from endcap.errors import ReducedModelWarning

DATA = Path(os.environ.get("ENDCAP_DATA", Path(__file__).parents[2] / "shared" / "data"))
GRIDS = {
    "retailrocket": {"view_item": (0, 0.1, 0.2, 0.5, 1), "add_to_cart": (0.25, 0.5, 1)},
    "taobao": {"add_to_wishlist": (0, 0.2, 0.4, 1), "add_to_cart": (0.25, 0.5, 1)},
}
MODELS = {
    "ItemKNN": lambda: ec.ItemKNN(threads=2),
    "EASE": lambda: ec.EASE(max_items=3_000, threads=2),
    "ALS": lambda: ec.ALS(factors=32, threads=2, seed=1),
}


def ndcg(model, events, held_out, weights):
    data = ec.Interactions.from_events(events, event_weights=weights)
    lists = model.fit(data).recommend(held_out["user_id"], k=10)
    hits = lists.join(held_out, on=["user_id", "item_id"])
    return (1 / np.log2(1 + hits["rank"].to_numpy().astype(float))).sum() / len(held_out)


def split(frame):
    """Hold out every shopper's latest purchase; of 4,000 shoppers at most."""
    buys = frame.filter(pl.col("event") == "purchase").sort("timestamp", maintain_order=True)
    latest = buys.group_by("user_id", maintain_order=True).last().select("user_id", "item_id").sort("user_id")
    known = frame.join(latest, on=["user_id", "item_id"], how="anti")
    latest = latest.filter(pl.col("user_id").is_in(known["user_id"].unique().implode()))
    latest = latest.sample(min(len(latest), 4_000), seed=1)
    return frame.join(latest, on=["user_id", "item_id"], how="anti"), latest


def main(names):
    warnings.simplefilter("ignore", ReducedModelWarning)
    for name in names:
        frame = ec.read_events(DATA / name / "interactions.parquet").frame
        test = pl.read_parquet(DATA / name / "test.parquet").cast(dict(frame.select("user_id", "item_id").schema))
        known, held_out = split(frame)
        kinds = list(GRIDS[name])
        rows = []
        for values in product(*GRIDS[name].values()):
            weights = dict(zip(kinds, values, strict=True))
            scores = {}
            for model, make in MODELS.items():
                begin = time.perf_counter()
                scores[model] = ndcg(make(), known, held_out, weights)
                scores["seconds"] = scores.get("seconds", 0) + time.perf_counter() - begin
            rows.append({**weights, **scores})
            print(name, *(f"{key}={value:.4g}" for key, value in rows[-1].items()), flush=True)
        table = pl.DataFrame(rows, strict=False)
        relative = pl.mean_horizontal(pl.col(model) / pl.col(model).max() for model in MODELS)
        table = table.with_columns(relative=relative).sort("relative", descending=True)
        print(table.head(8))
        default = {kind: EVENT_WEIGHTS[kind] for kind in kinds}
        best = {kind: float(table[kind][0]) for kind in kinds}
        for label, weights in (("default", default), ("chosen", best), ("all 1", dict.fromkeys(kinds, 1.0)),
                               ("purchases only", dict.fromkeys(kinds, 0.0))):  # fmt: skip
            scores = {model: ndcg(make(), frame, test, weights) for model, make in MODELS.items()}
            print(f"test of {name}, {label} {weights}:", *(f"{key} {value:.4f}" for key, value in scores.items()))


if __name__ == "__main__":
    main(sys.argv[1:] or list(GRIDS))
