"""Where Surprise keeps the data sets that it knows by name, and how they are to be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from endcap.errors import ParameterError

FORMATS: Final[dict[str, dict[str, Any]]] = {
    "ml-100k": {"line_format": "user item rating timestamp", "rating_scale": (1, 5), "sep": "\t"},
    "ml-1m": {"line_format": "user item rating timestamp", "rating_scale": (1, 5), "sep": "::"},
    "jester": {"line_format": "user item rating", "rating_scale": (-10, 10)},
}
"""The parameters of `Reader` for each."""
FILES: Final = {
    "ml-100k": "ml-100k/ml-100k/u.data",
    "ml-1m": "ml-1m/ml-1m/ratings.dat",
    "jester": "jester/jester_ratings.dat",
}
"""Where each is, below `get_dataset_dir()`."""


def get_dataset_dir() -> str:
    """Return the folder of Surprise's data sets: `$SURPRISE_DATA_FOLDER`, or `~/.surprise_data/`; made if need be.

    Examples
    --------
    >>> import os, tempfile
    >>> from endcap.compat.surprise import get_dataset_dir
    >>> os.environ["SURPRISE_DATA_FOLDER"] = tempfile.gettempdir()
    >>> get_dataset_dir() == tempfile.gettempdir()
    True
    >>> del os.environ["SURPRISE_DATA_FOLDER"]
    """
    folder = os.environ.get("SURPRISE_DATA_FOLDER", os.path.expanduser("~") + "/.surprise_data/")
    Path(folder).mkdir(parents=True, exist_ok=True)
    return folder


def format_of(name: str) -> dict[str, Any]:
    """Return the parameters of the `Reader` for a data set by name."""
    if name not in FORMATS:
        raise ParameterError(f"there is no data set {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]
