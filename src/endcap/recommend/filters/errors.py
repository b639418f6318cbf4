"""What is wrong with a filter, pointing at the place."""

from __future__ import annotations

from endcap.errors import ParameterError

_AROUND = 60  # characters shown on either side of the place


class FilterError(ParameterError):
    """A filter that can't be read, or that doesn't fit the catalogue; `at` is the place in its `text`, from 0.

    Examples
    --------
    >>> from endcap.recommend.filters.errors import FilterError
    >>> print(FilterError("no column 'prise'; did you mean 'price'?", "prise < 50", 0))
    no column 'prise'; did you mean 'price'?
      prise < 50
      ^
    """

    def __init__(self, message: str, text: str, at: int) -> None:
        first, last = max(0, at - _AROUND), at + _AROUND
        before = ("..." if first else "") + text[first:at].replace("\n", " ").replace("\t", " ")
        after = text[at:last].replace("\n", " ").replace("\t", " ") + ("..." if last < len(text) else "")
        super().__init__(f"{message}\n  {before}{after}\n  {' ' * len(before)}^")
        self.message = message
        self.text = text
        self.at = at
