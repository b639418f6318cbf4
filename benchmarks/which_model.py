"""Which model for which shop: every ranking model with its defaults and after a small search, on four kinds of shops.

    python benchmarks/which_model.py [model ...] [set ...]

Films (ml1m), places (gowalla), groceries (tafeng), gifts (online_retail): the training and test parts of `ranking.py`.
NDCG@10 over the full catalogue, items seen in training left out. The search tries the settings in GRIDS, one at a
time, and keeps the best on the training part alone: where there are times, its last four weeks are held out, else a
fifth of its pairs by chance. The test part is looked at twice for each model: with the
defaults, and with what was found. Models whose memory guard refuses a catalogue are left out.
"""

import datetime as dt
import itertools
import sys
import time

import numpy as np
from common import print_table, recall_and_ndcg
from ranking import SETS, held_out_after, pairs_of, split
from scipy import sparse

import endcap as ec
from endcap.data.interactions import Interactions
from endcap.models.queries import Queries

GRIDS = {
    "Popular": {},
    "ItemKNN": {"similarity": ["cosine", "tfidf", "bm25"], "neighbours": [50, 200]},
    "UserKNN": {"similarity": ["cosine", "bm25"], "neighbours": [100, 400]},
    "RP3beta": {"beta": [0.3, 0.6, 0.8], "alpha": [0.8, 1.0]},
    "GraphFilter": {"item_exponent": [0.4, 0.5], "sharpening": [0.5, 0.8, 0.9]},
    "EASE": {"regularization": [100.0, 300.0, 1000.0, 3000.0]},
    "SparseEASE": {"regularization": [30.0, 100.0, 300.0, 1000.0]},
    "SLIM": {"l1": [0.5, 1.0, 3.0], "l2": [30.0, 300.0]},
    "ALS": {"factors": [64, 128], "regularization": [0.003, 0.01, 0.03], "unobserved_weight": [0.05, 0.2, 0.4]},
    "BPR": {"regularization": [0.003, 0.01, 0.03]},
    "WARP": {"regularization": [0.03, 0.1, 0.3]},
    "LogisticMF": {"regularization": [0.003, 0.01, 0.03]},
}


def make(name: str, **chosen: object) -> ec.Recommender:
    """Return an unfitted model on two threads."""
    cls = getattr(ec, name)
    return cls(**({"threads": 2} if "threads" in cls.__dataclass_fields__ else {}), **chosen)


def ndcg(model: ec.Recommender, data: Interactions, truth: sparse.csr_array) -> float:
    """Return NDCG@10 of a model fitted on `data`."""
    items = model.fit(data).answer(Queries.of_everyone(data), 10)[0].items
    return recall_and_ndcg(items, truth)[1]


def validation(name: str, data: Interactions) -> tuple[Interactions, sparse.csr_array]:
    """Return a part of the training data to fit on, and one to choose by."""
    if name in ("tafeng", "online_retail"):
        table = pairs_of(name)
        table = table.filter(~held_out_after(table, dt.timedelta(weeks=4)))
        return split(name, table)
    x, draws = data.matrix.tocsr(), np.random.default_rng(0)
    rows, late = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr)), draws.random(x.nnz) < 0.2
    fit, test = (sparse.csr_array((x.data[k], (rows[k], x.indices[k])), shape=x.shape) for k in (~late, late))
    return Interactions.from_matrix(fit), test


def main() -> None:
    """Print a table for each data set."""
    asked = sys.argv[1:]
    names = [name for name in asked if name in GRIDS] or list(GRIDS)
    for data_name in [name for name in asked if name in SETS] or SETS:
        data, truth = split(data_name)
        fit, late = validation(data_name, data)
        rows = []
        for name in names:
            grid = GRIDS[name]
            start = time.perf_counter()
            if name == "EASE" and data.shape[1] > ec.EASE().max_items:
                continue
            settings = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
            tried = [(ndcg(make(name, **one), fit, late), one) for one in ({}, *settings)]
            best = max(tried, key=lambda pair: pair[0])[1]
            defaults = ndcg(make(name), data, truth)
            found = ndcg(make(name, **best), data, truth) if best else defaults
            rows.append([name, f"{defaults:.4f}", f"{found:.4f}", best or "the defaults", time.perf_counter() - start])
            print(*rows[-1], flush=True, file=sys.stderr)
        print(f"\n{data_name}: {data}")
        print_table(["model", "NDCG@10, defaults", "after the search", "found", "s"], rows)


if __name__ == "__main__":
    main()
