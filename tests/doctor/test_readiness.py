from datetime import datetime, timedelta

import polars as pl

from endcap.doctor.readiness import readiness


def verdicts(frame):
    return {verdict.surface: verdict for verdict in readiness(frame)}


def orders(baskets, per_day):
    """Make baskets of two products, `per_day` a day, each shopper coming back for the same things once."""
    n = range(baskets)
    days = [datetime(2026, 1, 1) + timedelta(days=b // per_day) for b in n]
    frame = pl.DataFrame(
        {
            "user_id": [b // 2 for b in n],
            "item_id": [b // 2 % 30 for b in n],
            "event": "purchase",
            "timestamp": pl.Series(days, dtype=pl.Datetime("us")),
            "transaction_id": [f"t{b}" for b in n],
        }
    )
    return pl.concat([frame, frame.with_columns(pl.col("item_id") + 1)])


def test_what_is_missing_and_when_it_will_be_there():
    told = verdicts(orders(400, per_day=5))
    verdict = told["frequently-bought-together"]
    assert (verdict.have, verdict.ready) == (400, False)
    # 28 days of 5 baskets each bring 140; 600 more need 120 days
    assert verdict.days is not None
    assert 115 < verdict.days < 125
    assert str(verdict) == (
        f"frequently-bought-together: 400 baskets with two items or more; reliable from about 1,000; "
        f"at the present rate in {round(verdict.days)} days"
    )
    assert told["buy-it-again"].have == 400
    assert told["buy-it-again"].ready


def test_enough_is_ready():
    told = verdicts(orders(2_400, per_day=20))
    assert told["cart"].ready
    assert str(told["cart"]) == "cart: ready (2,400 baskets with two items or more)"
    assert told["recommended-for-you"].have == 1_200
    assert told["trending"].have == 120


def test_looks_make_no_baskets():
    frame = orders(100, per_day=5).with_columns(event=pl.lit("view_item"))
    told = verdicts(frame)
    assert told["cart"].have == told["buy-it-again"].have == 0
    assert told["recently-viewed"].ready


def test_what_was_bought_was_not_viewed():
    told = verdicts(orders(100, per_day=5))
    assert (told["recently-viewed"].have, told["recently-viewed"].ready) == (0, False)


def test_a_clock_that_began_anew_adds_no_days():
    frame = orders(100, per_day=20)
    stray = frame.head(1).with_columns(timestamp=pl.lit(datetime(1970, 1, 1)).cast(pl.Datetime("us")))
    told = verdicts(pl.concat([frame, stray]))
    assert told["trending"].have == 5
    assert not told["trending"].ready
