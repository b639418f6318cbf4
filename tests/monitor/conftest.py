"""Shoppers of an experiment who come back, and spend as shoppers do."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

START = datetime(2026, 1, 1)


def make_world(seed, *, per_day=200, days=40, rate=0.02, spread=1.0, lift=0.0, weights=(0.5, 0.5)):
    """Return shoppers in two variants and their purchases: who buys often goes on to, and few spend most."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(per_day * days)
    came = rng.uniform(0, days, n)
    variant = rng.choice(["a", "b"], n, p=weights)
    habit = rate * rng.gamma(0.3, 1 / 0.3, n) * np.where(variant == "b", 1 + lift, 1)
    who = np.repeat(np.arange(n), rng.poisson(habit * (days - came)))
    when = came[who] + rng.random(len(who)) * (days - came[who])
    amount = np.exp(rng.normal(3, spread, len(who)))
    shoppers = {"user_id": np.arange(n).astype(str), "variant": variant, "at": _times(came)}
    done = {"user_id": who.astype(str), "at": _times(when), "amount": amount}
    return pl.DataFrame(shoppers).with_columns(several=pl.lit(False)), pl.DataFrame(done)


def _times(days):
    return pl.Series((days * 86_400e6).astype(np.int64)).cast(pl.Duration("us")) + START


@pytest.fixture
def world():
    return make_world
