"""Why a model of another library isn't saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from endcap.errors import ModelFileError


class NotSaved:
    """Mixed into adapters: their `save` refuses."""

    model: Any

    def save(self, path: str | Path) -> None:
        """Refuse: a foreign model can't be written without running foreign code when it is read.

        Raises
        ------
        ModelFileError
            Always.
        """
        raise ModelFileError(
            f"{type(self).__name__} is another library's model and can't be saved here safely: save its `fitted_` with "
            "that library, or fit a model of Endcap's"
        )
