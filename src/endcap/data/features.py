"""What is known of items or users besides interactions, as a sparse matrix of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import CsrMatrix, Float32Array, Int32Array
from endcap.data.interactions import Interactions
from endcap.data.vocabulary import Vocabulary
from endcap.errors import DataError

_NOT_FEATURES: Final = {"title", "link", "image_link", "sale_price", "availability"}
"""Columns of a catalogue that say nothing about taste, or nothing yet: free text, addresses, the stock of the day."""
_PATH: Final = re.compile(r"\s*>\s*")


@dataclass(frozen=True)
class Features:
    """One row for every id of a vocabulary, the first column 1 throughout."""

    matrix: CsrMatrix
    """Shape (ids, features), float32 CSR."""
    names: tuple[str, ...]
    """Shape (features,): "" for the first, `column=value` for text, `column` for a number."""

    @classmethod
    def from_table(cls, table: pl.DataFrame, ids: Vocabulary, id_column: str, *, min_count: int = 2) -> Features:
        """Encode a table with a row an id; ids without a row have the first feature only.

        Text is 1 for its value, of which there may be several: parts between "|", items of a list, and in
        `product_type` every step of the path "A > B > C". Values of fewer than `min_count` ids are left out. A number
        is standardised over the ids that have it, so that a missing one counts as the mean. `title`, `link`,
        `image_link`, `sale_price` and `availability` are passed over.

        Raises
        ------
        DataError
            Where the table has no ids or an id twice, or a column is neither text, numbers nor lists of them.
        """
        rows = ids.encode(ids_of(table, id_column))
        table, rows = table.filter(pl.Series(rows >= 0)), rows[rows >= 0]
        names, blocks = [""], [sparse.csr_array(np.ones((len(ids), 1), np.float32))]
        for column in table.columns:
            if column == id_column or column in _NOT_FEATURES:
                continue
            values = table[column]
            if values.dtype.is_numeric() or values.dtype == pl.Boolean:
                dense = np.zeros((len(ids), 1), np.float32)
                dense[rows, 0] = _standardised(values)
                names.append(column)
                blocks.append(sparse.csr_array(dense))
            else:
                found, block = _one_hot(values, rows, len(ids), min_count)
                names += [f"{column}={value}" for value in found]
                blocks.append(block)
        matrix = sparse.csr_array(sparse.hstack(blocks, format="csr", dtype=np.float32))
        return cls(matrix, tuple(names))


def ids_of(table: pl.DataFrame, id_column: str) -> pl.Series:
    """Return a table's ids, which must all be there and distinct."""
    if id_column not in table.columns:
        raise DataError(f"the table of features has no column {id_column!r}; it has {', '.join(table.columns)}")
    ids = table[id_column]
    if ids.null_count() or ids.is_duplicated().any():
        raise DataError(f"{id_column} is empty or repeated in the table of features; keep one row for each id")
    return ids


def over_more_ids(data: Interactions, users: pl.Series | None, items: pl.Series | None) -> Interactions:
    """Return the same interactions over a vocabulary that holds more ids, those without any interaction."""
    wide_users, wide_items = (
        own if more is None or (own.encode(more) >= 0).all() else Vocabulary(pl.concat([own.ids, _like(more, own)]))
        for own, more in ((data.users, users), (data.items, items))
    )
    if wide_users is data.users and wide_items is data.items:
        return data
    columns = wide_items.encode(data.items.ids)
    lengths = np.zeros(len(wide_users), np.int64)
    lengths[wide_users.encode(data.users.ids)] = np.diff(data.matrix.indptr)
    # Both vocabularies are sorted, so rows and entries stay in their order.
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    matrix = sparse.csr_array(
        (data.matrix.data, columns[data.matrix.indices], indptr), shape=(len(wide_users), len(wide_items))
    )
    return Interactions(matrix, wide_users, wide_items, data.last_time)


def _like(ids: pl.Series, own: Vocabulary) -> pl.Series:
    return ids.cast(own.ids.dtype).alias("id")


def _standardised(values: pl.Series) -> Float32Array:
    numbers = values.cast(pl.Float64).to_numpy()
    known = np.isfinite(numbers)
    result = np.zeros(len(numbers), np.float32)
    if known.any():
        spread = numbers[known].std()
        result[known] = (numbers[known] - numbers[known].mean()) / (spread if spread > 0 else 1)
    return result


def _one_hot(values: pl.Series, rows: Int32Array, n: int, min_count: int) -> tuple[list[str], CsrMatrix]:
    """Return the values that count, and a column for each."""
    kind = values.dtype
    listed = isinstance(kind, (pl.List, pl.Array))
    inner = kind.inner if isinstance(kind, (pl.List, pl.Array)) else kind
    if not (inner in (pl.String, pl.Categorical, pl.Enum) or (listed and inner.is_numeric())):
        raise DataError(
            f"{values.name} holds {kind}; features are text, numbers, booleans or lists of text or numbers; "
            "convert the column or leave it out"
        )
    if listed:
        pairs = pl.DataFrame({"row": rows, "value": values.cast(pl.List(pl.String))}).explode("value").drop_nulls()
    else:  # of each distinct text once: a catalogue has some thousand paths, and many more products
        texts = values.cast(pl.String).alias("text")
        split = texts.unique().drop_nulls().to_frame().with_columns(value=pl.col("text").str.split("|"))
        if values.name == "product_type":
            split = split.with_columns(pl.col("value").map_elements(_steps, pl.List(pl.String)))
        pairs = pl.DataFrame({"row": rows, "text": texts}).join(split.explode("value"), on="text").drop("text")
    pairs = pairs.with_columns(pl.col("value").str.strip_chars()).filter(pl.col("value") != "").unique()
    counts = pairs.group_by("value").len().filter(pl.col("len") >= min_count)
    found = counts["value"].sort()
    pairs = pairs.filter(pl.col("value").is_in(found.implode()))
    columns = found.search_sorted(pairs["value"]).to_numpy()
    ones = np.ones(len(pairs), np.float32)
    return found.to_list(), sparse.csr_array((ones, (pairs["row"].to_numpy(), columns)), shape=(n, len(found)))


def _steps(paths: list[str]) -> list[str]:
    """Return every step of paths: "A > B" is "A" and "A > B"."""
    steps = []
    for path in paths:
        parts = _PATH.split(path)
        steps += [" > ".join(parts[: depth + 1]) for depth in range(len(parts))]
    return steps
