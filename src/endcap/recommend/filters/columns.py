"""The catalogue's columns as arrays, for conditions to be evaluated on all products at once."""

from __future__ import annotations

from typing import Any

import polars as pl

from endcap.errors import DataError
from endcap.recommend.filters.values import ColumnValues, column_values


class Columns:
    """All columns of a catalogue by name, in the order of its rows.

    Parameters
    ----------
    frame
        One row a product, as `endcap.read_items` gives it.

    Examples
    --------
    >>> import polars as pl
    >>> from endcap.recommend.filters.columns import Columns
    >>> columns = Columns(pl.DataFrame({"item_id": ["a", "b"], "price": [3.5, None]}))
    >>> columns.put("price", 1, 4.0)
    >>> columns.row(1)
    {'item_id': 'b', 'price': 4.0}
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.length = len(frame)
        self.unusable: dict[str, str] = {}
        """Columns that conditions can't be put on, and why."""
        self._columns: dict[str, ColumnValues] = {}
        for column in frame.get_columns():
            made = column_values(column)
            if isinstance(made, str):
                self.unusable[column.name] = made
            else:
                self._columns[column.name] = made

    def __len__(self) -> int:
        return self.length

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> ColumnValues:
        return self._columns[name]

    @property
    def names(self) -> list[str]:
        """The columns that conditions can be put on."""
        return list(self._columns)

    def row(self, at: int) -> dict[str, Any]:
        """Return a product's values by column."""
        return {name: column.get(at) for name, column in self._columns.items()}

    def put(self, name: str, at: int, value: Any) -> None:
        """Change a product's value; None takes it away.

        Raises
        ------
        DataError
            Where the column isn't there, or holds values of another kind.
        """
        if name not in self._columns:
            raise DataError(f"the catalogue has no column {name!r} that could be changed")
        try:
            self._columns[name].put(at, value)
        except DataError as error:
            raise DataError(f"{name}: {error}, as this column's values are") from None
