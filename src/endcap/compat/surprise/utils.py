"""Random numbers as Surprise takes them."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from endcap.errors import ParameterError


def get_rng(random_state: Any) -> Any:
    """Return a `numpy.random.RandomState`.

    None is NumPy's global one, a whole number the seed of a new one, and a `RandomState` itself.

    Raises
    ------
    ParameterError
        Where it is something else.

    Examples
    --------
    >>> from endcap.compat.surprise.utils import get_rng
    >>> get_rng(1).randint(10)
    5
    """
    if random_state is None:
        return np.random.mtrand._rand
    if isinstance(random_state, numbers.Integral):
        return np.random.RandomState(int(random_state))
    if isinstance(random_state, np.random.RandomState):
        return random_state
    raise ParameterError(
        f"random_state={random_state!r} won't do: give None, a whole number or a numpy.random.RandomState"
    )
