"""A prediction, and that there can't be one."""

from __future__ import annotations

from typing import Any, NamedTuple

from endcap.errors import EndcapError


class PredictionImpossible(EndcapError):  # noqa: N818 - the name that scripts raise
    """Raised by `estimate` where it can't tell; the prediction becomes `default_prediction()`."""


class Prediction(NamedTuple):
    """An estimated rating.

    Examples
    --------
    >>> from endcap.compat.surprise import Prediction
    >>> print(Prediction("ann", "sku-1", None, 3.5, {"was_impossible": False}))
    user: ann        item: sku-1      r_ui = None   est = 3.50   {'was_impossible': False}
    """

    uid: Any
    """The user's id."""
    iid: Any
    """The item's id."""
    r_ui: float | None
    """The rating, where it is known."""
    est: float
    """The estimate."""
    details: dict[str, Any]
    """`was_impossible`, where it was the `reason`, and for neighbours `actual_k`, how many there were."""

    def __str__(self) -> str:
        actual = "None" if self.r_ui is None else f"{self.r_ui:1.2f}"
        return f"user: {self.uid:<10} item: {self.iid:<10} r_ui = {actual}   est = {self.est:1.2f}   {self.details}"
