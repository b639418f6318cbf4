"""What is wrong with a file that couldn't be read, in words that help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from endcap.errors import DataError, EndcapError

_CUT_OFF = ("unexpected end of file", "incomplete frame", "end-of-stream marker", "unexpectedeof")
_NO_PARQUET = ("must end with par1", "not enough bytes", "below the size of a parquet file")


@contextmanager
def explain(path: Path) -> Iterator[None]:
    """Turn what a reader raises over `path` into a DataError that says what to do."""
    try:
        yield
    except pl.exceptions.NoDataError:
        raise DataError(f"{path} is empty") from None
    except EndcapError:
        raise
    except (pl.exceptions.PolarsError, OSError, EOFError, ValueError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        lowered = text.lower()
        if any(sign in lowered for sign in _CUT_OFF):
            raise DataError(f"{path} is cut off: its compressed data end too early; get the file again") from None
        if any(sign in lowered for sign in _NO_PARQUET):
            raise DataError(
                f"{path} can't be read: it doesn't end as a Parquet file does; it was cut off, or is none; get it again"
            ) from None
        if text.startswith("parquet: "):
            raise DataError(f"{path} can't be read: it is damaged ({text}); get the file again") from None
        raise DataError(f"{path} can't be read: {text}") from None
