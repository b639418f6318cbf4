"""By what an import is known again: the content of its files and how they were read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endcap.data.sources import Source


def fingerprint(sources: Sequence[Source], settings: Any) -> str | None:
    """Return a hash of files' contents and of settings; None where one of the sources isn't a file."""
    digest = hashlib.sha256(repr(settings).encode())
    for one in sources:
        path = Path(one.name)
        if one.format == "table" or not path.is_file():
            return None
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
