"""Kin: the products that one nobody had to do with yet is most like, by what the catalogue says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl
from scipy import sparse

from endcap.data.arrays import BoolArray, CsrMatrix, Float32Array, Int32Array, Int64Array
from endcap.data.features import Features
from endcap.data.schema import ITEM
from endcap.data.vocabulary import Vocabulary
from endcap.models.neighbours import nearest

_MOST: Final = 20
_SHRINKAGE: Final = 20
"""With so many shoppers kin counts half: what three people had says little. Of 10, 20 and 50 kin and 0, 20 and 100
shoppers these two do best on the pages of new products: groceries, films, cosmetics (`benchmarks/new_products.py`)."""
_BESIDE: Final = 5
"""On the pages of so many of its kin a new product is tried out."""
_SAYS_NOTHING: Final = frozenset({"hidden", "availability", "sale_price", "item_group_id", "link", "image_link"})
_TENTHS: Final = 10
_SHARED_BY: Final = 1000
"""Values that more products share, such as the shop's largest department, tell too little for what they cost: a step
further down the path says more."""


@dataclass(frozen=True)
class Kin:
    """For each new product, one without events, the products with events that are most like it.

    What a model would say of a new product is expected to be what it says of these, each weighed by its likeness
    (Gantner et al., "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations", ICDM 2010, with nearest
    neighbours as the mapping). That needs nothing of the model but its answers, whatever the model is.

    Two products are alike by the average over the columns of the cosines of what they have there: words of the title,
    steps of the path of types, brand, price (by tenths of the catalogue) and whatever else the catalogue holds, a value
    counting more the fewer products have it.
    """

    rows: Int32Array
    """Shape (new products,): their rows on the shelf."""
    place_of_row: Int32Array
    """Shape (rows of the shelf,): where a new product stands in `rows`, -1 for others."""
    weights: CsrMatrix
    """Shape (new products, items of the training data): the weights of its kin, which sum to 1."""
    by_position: CsrMatrix
    """Shape (items of the training data, new products): the same the other way round, less what kin sells above the
    average, which nobody can expect of a new product."""
    least_beside: Float32Array
    """Shape (new products,): the weight of the last of the kin on whose pages a new product is tried out."""

    @classmethod
    def find(cls, vectors: CsrMatrix, is_new: BoolArray, row_of_position: Int32Array, shoppers: Int64Array) -> Self:
        """Find the kin of new products.

        Parameters
        ----------
        vectors
            Of all products of the shelf, from `described`.
        is_new
            Shape (rows of the shelf,).
        row_of_position
            Shape (items of the training data,).
        shoppers
            Shape (items of the training data,): how many had to do with each.
        """
        place_of_row = np.full(len(is_new), -1, np.int32)
        rows = np.flatnonzero(is_new).astype(np.int32)
        place_of_row[rows] = np.arange(len(rows))
        weights: CsrMatrix = sparse.csr_array((len(rows), len(row_of_position)), dtype=np.float32)
        if len(rows) and len(row_of_position):
            weights = nearest(
                vectors[rows],
                vectors[row_of_position].T.tocsr(),
                np.ones(len(rows), np.float32),
                (1 + _SHRINKAGE / np.maximum(shoppers, 1)).astype(np.float32),
                _MOST,
                own=np.full(len(rows), -1, np.int32),
            )
            weights.data /= np.repeat(weights.sum(axis=1), np.diff(weights.indptr))
        usual = shoppers.mean() if len(shoppers) else 1.0
        share = np.minimum(1, usual / np.maximum(weights @ shoppers, usual))
        expected = weights.copy()
        expected.data *= np.repeat(share, np.diff(weights.indptr)).astype(np.float32)
        return cls(rows, place_of_row, weights, expected.T.tocsr(), _kth(expected, _BESIDE))

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, row: int) -> tuple[Int32Array, Float32Array]:
        """Return the positions of the kin of a product on the shelf and their weights; none of one that isn't new."""
        place = self.place_of_row[row]
        own = slice(0, 0) if place < 0 else slice(*self.weights.indptr[place : place + 2])
        return self.weights.indices[own], self.weights.data[own]

    def beside(self, position: int) -> Int32Array:
        """Return the rows of the new products that have a product among their five nearest kin, the nearest first."""
        own = slice(*self.by_position.indptr[position : position + 2])
        near = self.by_position.data[own] >= self.least_beside[self.by_position.indices[own]]
        order = np.argsort(-self.by_position.data[own][near], kind="stable")
        found: Int32Array = self.rows[self.by_position.indices[own][near][order]]
        return found

    def expected(self, positions: Int32Array, scores: Float32Array, floor: float) -> tuple[Int32Array, Float32Array]:
        """Return the new products that have kin among those positions, and the scores to expect of them.

        Kin that isn't there counts as `floor`.
        """
        start = self.by_position.indptr[positions]
        lengths = self.by_position.indptr[positions + 1] - start
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1] if len(ends) else 0) + np.repeat(start - ends + lengths, lengths)
        places, where = np.unique(self.by_position.indices[at], return_inverse=True)
        above = np.repeat(scores - np.float32(floor), lengths) * self.by_position.data[at]
        return self.rows[places], (floor + np.bincount(where, above, len(places))).astype(np.float32)


def _kth(weights: CsrMatrix, k: int) -> Float32Array:
    """Return the k-th largest weight of each row; 0 where there are fewer."""
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    data = weights.data[np.lexsort((-weights.data, rows))]
    at = weights.indptr[:-1] + k - 1
    return np.where(at < weights.indptr[1:], data[np.minimum(at, max(0, len(data) - 1))] if len(data) else 0, 0)


def described(frame: pl.DataFrame) -> CsrMatrix:
    """Return what each product is by its attributes, so that likeness is the inner product of two rows."""
    ids = Vocabulary(frame[ITEM])
    features = Features.from_table(_texts(frame), ids, ITEM)
    column = np.array([name.partition("=")[0] for name in features.names])
    columns, block = np.unique(column, return_inverse=True)
    matrix = features.matrix.tocoo()
    having = np.bincount(matrix.col, minlength=len(column))
    rarity = np.log1p(len(ids) / np.maximum(having, 1)) * ((having <= _SHARED_BY) & (column != ""))
    values = rarity[matrix.col]
    place = matrix.row.astype(np.int64) * len(columns) + block[matrix.col]
    length = np.sqrt(np.bincount(place, values**2))
    told = values > 0
    values = (values[told] / length[place[told]]).astype(np.float32)
    vectors = sparse.csr_array((values, (matrix.row[told], matrix.col[told])), shape=matrix.shape)
    return sparse.csr_array(vectors[ids.encode(frame[ITEM])])


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that say what a product is, each as one or several texts."""
    columns = [frame[ITEM]]
    for values in frame.get_columns():
        name, kind = values.name, values.dtype
        if name == ITEM or name in _SAYS_NOTHING:
            continue
        if name == "title":
            columns.append(values.cast(pl.String).str.to_lowercase().str.extract_all(r"\w+").alias("words"))
        elif kind.is_numeric():
            tenth = (values.rank() * _TENTHS / max(1, values.count())).ceil()
            columns.append(tenth.cast(pl.Int8).cast(pl.String).alias(name))
        elif kind in (pl.Boolean, pl.String, pl.Categorical, pl.Enum):
            columns.append(values.cast(pl.String))
        elif isinstance(kind, pl.List) and (kind.inner == pl.String or kind.inner.is_numeric()):
            columns.append(values.cast(pl.List(pl.String)))
    return pl.DataFrame(columns)
