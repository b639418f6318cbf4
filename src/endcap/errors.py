"""Every error that Endcap raises on purpose, in one tree.

A message says what is wrong, where (file, row, column) and what to do about it.
"""

from __future__ import annotations


class EndcapError(Exception):
    """The root: catch it to catch all that Endcap raises on purpose."""

    public: str = ""
    """The same for those who aren't to know the names of the shop's files and machines; empty: nothing of it."""


class ParameterError(EndcapError, ValueError):
    """A parameter is out of its range, of the wrong type, or unknown."""


class DataError(EndcapError, ValueError):
    """A file or a table can't be used as it is."""


class UnknownIdError(EndcapError, KeyError):
    """A user or an item that the model or the data doesn't know."""

    def __str__(self) -> str:  # KeyError would show the message in quotes
        return str(self.args[0]) if self.args else ""


class IdTypeError(EndcapError, TypeError):
    """Text was given where ids are numbers, or the reverse."""


class NotFittedError(EndcapError, RuntimeError):
    """The model was asked before `fit`."""


class ModelFileError(EndcapError):
    """A saved model is damaged, truncated, altered, or not a model at all."""


class StorageError(EndcapError, OSError):
    """Nothing could be written: disk full, no permission, no such folder."""


class ShopError(EndcapError):
    """A shop's folder or its `endcap.toml` is missing or wrong."""


class NoModelError(ShopError):
    """There is no model yet that could answer."""

    public = "no model has been trained in this shop yet; train one: endcap train. Events are taken meanwhile"


class DataWarning(UserWarning):
    """A catalogue or a table of shoppers was damaged: what could be read of it was."""


class ReducedModelWarning(UserWarning):
    """A model was fitted on less than all the data, because all of it would not have fitted the limits."""


class UnknownItemWarning(UserWarning):
    """Items of a visitor's history were not in the training data and were left out."""
