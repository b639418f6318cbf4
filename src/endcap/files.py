"""Files whose name only ever stands for the whole of their content."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from endcap.errors import StorageError

if TYPE_CHECKING:
    import polars as pl


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once: after a crash or on a full disk, the old content is there or the new one, never a part.

    Raises
    ------
    StorageError
        Where it can't be written; what was there before is unchanged.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(
            f"can't write {path}: {error.strerror or error}; what was there before is unchanged"
        ) from error


def write_parquet(path: Path, table: pl.DataFrame, *, compression: Literal["zstd", "lz4"] = "zstd") -> None:
    """Write a table as a Parquet file, at once as `write_whole` does. Errors as there."""
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression=compression)
    write_whole(path, buffer.getvalue())
