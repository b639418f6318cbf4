"""What translations of exports are made of."""

from __future__ import annotations

import polars as pl

from endcap.data.schema import EVENT, ITEM, TRANSACTION
from endcap.data.sources.base import REASON, ROW


def text(column: str | pl.Expr) -> pl.Expr:
    """Return a column as text without blanks around it; null where nothing is left."""
    expression = pl.col(column) if isinstance(column, str) else column
    stripped = expression.cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def number(column: str | pl.Expr) -> pl.Expr:
    """Return a column as numbers; null where there is none."""
    return text(column).cast(pl.Float64, strict=False)


def path(*columns: str | pl.Expr) -> pl.Expr:
    """Return the columns joined to a product type: "A > B > C"."""
    joined = pl.concat_str([text(column) for column in columns], separator=" > ", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def first_reason(*rules: tuple[pl.Expr, str]) -> pl.Expr:
    """Return the reason of the first rule that a row breaks; null where it breaks none."""
    chain = pl.lit(None, pl.String)
    for broken, reason in reversed(rules):
        chain = pl.when(broken).then(pl.lit(reason)).otherwise(chain)
    return chain.alias(REASON)


def inner(frame: pl.DataFrame, column: str, *fields: str) -> pl.Expr:
    """Return a field of a nested column, or null throughout where it isn't there."""
    kind: object = frame.schema.get(column, pl.Null())
    expression = pl.col(column)
    for name in fields:
        if not isinstance(kind, pl.Struct) or name not in (own := dict(kind)):
            return pl.lit(None, pl.String)
        expression, kind = expression.struct.field(name), own[name]
    return expression


def unroll(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return a row for every element of lists of equal lengths; a row with empty lists stays, with null."""
    # Polars 1 keeps rows with empty lists, Polars 2 drops them: null is kept by both
    filled = (pl.when(pl.col(name).list.len() > 0).then(pl.col(name)).alias(name) for name in columns)
    return frame.with_columns(filled).explode(*columns)


def latest(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return one row a key: of every other column what was known last."""
    known = frame.filter(pl.col(key).is_not_null())
    others = [pl.col(name).drop_nulls().last() for name in frame.columns if name != key]
    return known.group_by(key, maintain_order=True).agg(others).select(frame.columns)


def spread_refunds(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn a refund without products into one of every product of the order that it names.

    A refund whose order isn't in the source is set aside.
    """
    whole = (pl.col(EVENT) == "refund") & pl.col(ITEM).is_null()
    refunds = frame.filter(whole)
    if refunds.is_empty():
        return frame
    if REASON not in frame.columns:
        frame, refunds = (one.with_columns(pl.lit(None, pl.String).alias(REASON)) for one in (frame, refunds))
    bought = frame.filter(pl.col(EVENT) == "purchase", pl.col(TRANSACTION).is_not_null())
    own = [column for column in ("quantity", "price") if column in frame.columns]
    refunds = refunds.drop(ITEM, *own).join(bought.select(TRANSACTION, ITEM, *own), on=TRANSACTION, how="left")
    lost = pl.lit("refund of a whole order whose purchase isn't in this source")
    refunds = refunds.with_columns(pl.when(pl.col(ITEM).is_null()).then(lost).otherwise(pl.col(REASON)).alias(REASON))
    both = pl.concat([frame.filter(~whole.fill_null(False)), refunds.select(frame.columns)])
    return both.sort(ROW, maintain_order=True)
