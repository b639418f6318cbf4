"""Products that nobody had yet, on the surfaces: what is shown beside them, where they are shown, and what that costs.

    python benchmarks/new_products.py [groceries|ml1m|amazon_beauty] [--pages 800] [--users 500]

All events of one in twenty products are hidden, so that they are new. Groceries (`endcap demo`): trained on all but the
last four weeks and asked for what was in the same baskets, or bought, in those; MovieLens 1M (ratings of 4 and above)
and Amazon Beauty: a fifth of the events, or everybody's last two, and what the same users had there. NDCG@10 by ItemKNN
of a catalogue without the new products, with them, and of a model that knew their events as well.
"""

import argparse

import numpy as np
import polars as pl
from common import print_table, read

from endcap.data.events import Events
from endcap.data.interactions import Interactions
from endcap.models.item_knn import ItemKNN
from endcap.recommend.engine import Engine
from endcap.recommend.prepared import Prepared
from endcap.recommend.request import Request
from endcap.recommend.shelf import Shelf
from endcap.recommend.surfaces import BUILT_IN

K = 10


def groceries():
    from endcap.data.demo import load_demo

    loaded, items = load_demo()
    events = loaded.frame
    newest = pl.col("timestamp") > pl.col("timestamp").max() - pl.duration(weeks=4)
    items = items.drop("availability")
    return events.filter(~newest), events.filter(newest), items, "transaction_id", {"half_life": "120d"}, False


def data_set(name):
    if name == "groceries":
        return groceries()
    events, items = read(name), read(name, "items")
    items = items.with_columns(pl.col("item_id").cast(events.schema["item_id"]))
    if name == "ml1m":
        events = events.filter(pl.col("rating") >= 4)
        tested = pl.Series(np.random.default_rng(3).random(len(events)) < 0.2)
    else:
        tested = pl.int_range(pl.len()).reverse().over("user_id") < 2
    events = events.select("user_id", "item_id", tested=tested)
    train, test = (events.filter(pl.col("tested") == one).drop("tested") for one in (False, True))
    return train, test, items, "user_id", {}, True


def engines_of(events, prepare, hides):
    """Return what makes an engine of a catalogue, by a model of the events."""
    data, log = (Interactions.from_events(Events(events), log=log, **prepare) for log in (False, True))
    model = ItemKNN(threads=2).fit(data)
    prepared = Prepared.make(model, Events(events), log, 0, hides)
    return lambda items: Engine(model, prepared, Shelf(items, data.items.ids), BUILT_IN)


def ndcg(lists, wanted):
    found = []
    for items, want in zip(lists, wanted, strict=True):
        gain = sum(1 / np.log2(place + 2) for place, item in enumerate(items) if item in want)
        found.append(gain / sum(1 / np.log2(place + 2) for place in range(min(K, len(want)))))
    return float(np.mean(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default="groceries")
    parser.add_argument("--pages", type=int, default=800)
    parser.add_argument("--users", type=int, default=500)
    given = parser.parse_args()
    train, test, items, basket, prepare, hides = data_set(given.data)
    ids = train["item_id"].unique().sort()
    items = items.filter(pl.col("item_id").is_in(ids.implode()))
    new = set(ids.sample(fraction=0.05, seed=5, shuffle=True).to_list())
    hidden = pl.col("item_id").is_in(list(new))
    test = test.filter(pl.col("item_id").is_in(ids.implode()))
    pairs = test.select(basket, "item_id").unique()
    pairs = pairs.join(pairs, on=basket).filter(pl.col("item_id") != pl.col("item_id_right"))
    beside = {item: set(others) for item, others in pairs.group_by("item_id").agg("item_id_right").iter_rows()}
    had = {user: set(own) for user, own in test.group_by("user_id").agg("item_id").iter_rows()}
    histories = train.filter(hidden).unique(["user_id", "item_id"], maintain_order=True)
    histories = dict(histories.group_by("user_id", maintain_order=True).agg(pl.col("item_id").head(3)).iter_rows())

    def some(which, n):
        which = sorted(which)
        return [which[at] for at in np.random.default_rng(1).permutation(len(which))[:n]]

    pages, new_pages = some(beside.keys() - new, given.pages), some(beside.keys() & new, given.pages)
    users = some(had.keys() & set(train.filter(~hidden)["user_id"]), given.users)
    guests = some(had.keys() & histories.keys(), given.users)
    asked = {
        "similar-items, page known": [(Request("similar-items", context_items=[i], k=K), beside[i]) for i in pages],
        "similar-items, page new": [(Request("similar-items", context_items=[i], k=K), beside[i]) for i in new_pages],
        "for you, all that was had": [(Request(user=user, k=K), had[user]) for user in users],
        "for you, three new ones had": [(Request(history=histories[user], k=K), had[user]) for user in guests],
    }
    without_events = engines_of(train.filter(~hidden), prepare, hides)
    engines = {
        "not in the catalogue": without_events(items.filter(~hidden)),
        "new": without_events(items),
        "known": engines_of(train, prepare, hides)(items),
    }
    rows = []
    for what, requests in asked.items():
        for name, one in engines.items():
            lists = [[result.item for result in one.answer(request).results] for request, _ in requests]
            share = np.mean([item in new for items in lists for item in items])
            rows.append([what, name, f"{ndcg(lists, [want for _, want in requests]):.4f}", f"{share:.2%}"])
    print_table([given.data, "the hidden products are", "NDCG@10", "their share of places"], rows)


if __name__ == "__main__":
    main()
