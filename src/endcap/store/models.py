"""A shop's models: a folder for each version, and a file that names the one in use."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

from endcap.errors import ShopError
from endcap.files import write_whole
from endcap.models.base import Recommender
from endcap.models.persistence import load, save

_VERSION = re.compile(r"[0-9]{8}-[0-9]{6}-[A-Za-z0-9_]+(-[0-9]+)?")


class ModelRegistry:
    """The versions of a shop's model, named by time and class, and the champion among them: the one in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> list[str]:
        """Return the names of all versions, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(p.name for p in self.folder.iterdir() if p.is_dir() and _VERSION.fullmatch(p.name))

    def add(self, model: Recommender, *, metrics: dict[str, Any]) -> str:
        """Save a model as a new version and make it the champion; return the version's name."""
        name = f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}-{type(model).__name__}"
        taken = self.versions()
        version = next(v for v in [name, *(f"{name}-{n}" for n in range(2, 1000))] if v not in taken)
        save(model, self.folder / version, metrics=metrics)
        write_whole(self.folder / "champion", version.encode())
        return version

    def champion(self) -> str:
        """Return the version in use.

        Raises
        ------
        ShopError
            Where no model was trained yet.
        """
        try:
            return (self.folder / "champion").read_text().strip()
        except FileNotFoundError:
            raise ShopError("no model has been trained in this shop yet; train one: endcap train") from None

    def load(self, version: str | None = None) -> Recommender:
        """Return a version's model, the champion's by default."""
        model: Recommender = load(self.folder / (version or self.champion()))
        return model
