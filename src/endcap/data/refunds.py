"""What was taken back was not bought: refunds cancel the purchases that they are of."""

from __future__ import annotations

import polars as pl

from endcap.data.schema import EVENT, ITEM, QUANTITY, TIME, TRANSACTION, USER

_PLACE = "__place"
_EPSILON = 1e-9


def cancel_refunds(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the events without the purchases that were taken back; what was taken back in part has fewer pieces.

    A refund is of the purchase with the same user, item and `transaction_id`; where there is none (or no such column),
    of the user's latest earlier purchases of that item. Its quantity says how many pieces came back; an unknown one,
    that the whole purchase did. A refund whose purchase isn't there changes nothing. The refunds themselves stay.

    Examples
    --------
    >>> events = pl.DataFrame(
    ...     {"user_id": [7, 7, 7], "item_id": ["a", "a", "a"], "event": ["purchase", "purchase", "refund"],
    ...      "quantity": [1, 5, 2]}
    ... )
    >>> cancel_refunds(events)["quantity"].to_list()
    [1, 3, 2]
    """
    if EVENT not in frame.columns or not len(frame):
        return frame
    kind = frame[EVENT].cast(pl.String)
    if not (kind == "refund").any():
        return frame
    concerned = _concerned(frame)
    left: dict[int, float | None] = {}  # by place: the pieces that remain of a purchase
    pair: tuple[object, object] | None = None
    purchases: list[tuple[int, object]] = []
    for user, item, event, transaction, quantity, place in concerned.iter_rows():
        if (user, item) != pair:
            pair, purchases = (user, item), []
        if event == "purchase":
            left[place] = quantity
            purchases.append((place, transaction))
        else:
            own = [one for one, order in purchases if transaction is not None and order == transaction]
            _take_back(own or [one for one, _ in purchases], quantity, left)
    kept = [place for place, pieces in left.items() if pieces is None or pieces > _EPSILON]
    gone = pl.Series(sorted(set(left) - set(kept)), dtype=pl.UInt32)
    if QUANTITY in frame.columns:
        changed = pl.DataFrame(
            {_PLACE: kept, "left": [left[place] for place in kept]},
            schema={_PLACE: pl.UInt32, "left": frame.schema[QUANTITY]},
            strict=False,
        )
        frame = frame.with_row_index(_PLACE).join(changed, on=_PLACE, how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("left", QUANTITY).alias(QUANTITY)).drop("left", _PLACE)
    return frame.with_row_index(_PLACE).filter(~pl.col(_PLACE).is_in(gone.implode())).drop(_PLACE)


def _concerned(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the purchases and refunds of every pair with a refund: pair by pair, oldest first, refunds last."""
    missing = [pl.lit(None).alias(name) for name in (TRANSACTION, QUANTITY, TIME) if name not in frame.columns]
    table = frame.with_row_index(_PLACE).with_columns(missing)
    event = pl.col(EVENT).cast(pl.String)
    table = table.with_columns(event).filter(event.is_in(["purchase", "refund"]))
    returned = table.filter(event == "refund").select(USER, ITEM).unique()
    table = table.join(returned, on=[USER, ITEM], how="semi")
    order: list[str | pl.Expr] = [USER, ITEM, _PLACE]
    if TIME in frame.columns:  # what decides between events of the same time must not be their order in the source
        order = [USER, ITEM, TIME, event == "refund", TRANSACTION, QUANTITY, _PLACE]
    return table.sort(*order).select(USER, ITEM, EVENT, TRANSACTION, QUANTITY, _PLACE)


def _take_back(purchases: list[int], pieces: float | None, left: dict[int, float | None]) -> None:
    """Take pieces (None: one whole purchase) off purchases, the latest first; `left` says what remains of each."""
    for place in reversed(purchases):
        there = left[place]
        if there is not None and there <= _EPSILON:
            continue  # taken back before
        if there is None or pieces is None:
            left[place] = 0.0
            return
        left[place] = max(there - pieces, 0.0)
        pieces -= there
        if pieces <= _EPSILON:
            return
