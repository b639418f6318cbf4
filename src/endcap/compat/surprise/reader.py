"""How a line of a file of ratings is read."""

from __future__ import annotations

from typing import TypeAlias

from endcap.compat.surprise.builtin_datasets import format_of
from endcap.errors import DataError, ParameterError

RawRating: TypeAlias = tuple[str, str, float, str | None]


class Reader:
    """How a line of a file of ratings is read, and what ratings there can be.

    Parameters
    ----------
    name
        "ml-100k", "ml-1m" or "jester": read as these are; the other parameters are ignored.
    line_format
        The names of the fields in their order: `user`, `item`, `rating` and perhaps `timestamp`, with blanks between.
    sep
        What stands between two fields. None: any white space.
    rating_scale
        The lowest and the highest rating; estimates are clipped to it.
    skip_lines
        How many lines at the beginning are no ratings.

    Raises
    ------
    ParameterError
        Where the name is unknown, or the line format names something else or lacks a field.

    Examples
    --------
    >>> from endcap.compat.surprise import Reader
    >>> Reader(line_format="item user rating", sep=",").parse_line("sku-1,ann,4")
    ('ann', 'sku-1', 4.0, None)
    """

    def __init__(
        self,
        name: str | None = None,
        line_format: str = "user item rating",
        sep: str | None = None,
        rating_scale: tuple[float, float] = (1, 5),
        skip_lines: int = 0,
    ) -> None:
        if name:
            known = format_of(name)
            line_format, sep, rating_scale = known["line_format"], known.get("sep"), known["rating_scale"]
            skip_lines = 0
        self.sep = sep
        self.skip_lines = skip_lines
        self.rating_scale = rating_scale
        fields = line_format.split()
        self.with_timestamp = "timestamp" in fields
        wanted = ["user", "item", "rating", *(["timestamp"] if self.with_timestamp else [])]
        if sorted(fields) != sorted(wanted):
            raise ParameterError(
                f"line_format={line_format!r} won't do: name user, item and rating once each, and timestamp if there is"
            )
        self.indexes = [fields.index(field) for field in wanted]

    def parse_line(self, line: str) -> RawRating:
        """Return (user, item, rating, timestamp or None) of a line; `DataError` where it isn't in the format."""
        parts = line.split(self.sep)
        try:
            found = [parts[place].strip() for place in self.indexes]
            return found[0], found[1], float(found[2]), found[3] if self.with_timestamp else None
        except (IndexError, ValueError):
            raise DataError(
                f"the line {line.rstrip()!r} can't be read: check line_format and sep={self.sep!r} of the Reader"
            ) from None
