"""Arrays in a file that is mapped into memory: read where they are used, and shared by the processes that map it."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

_DTYPES: Final = {
    "BOOL": np.bool_, "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32,
    "I16": np.int16, "I8": np.int8, "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8,
}  # fmt: skip


def pack(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays as the content of a safetensors file."""
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def map_file(file: Path) -> memoryview:
    """Return a file's content, mapped and read-only; what isn't looked at is never read.

    Raises
    ------
    OSError
        Where it can't be read.
    """
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")


def unpack(content: memoryview) -> dict[str, Any]:
    """Return views of a safetensors file's arrays; the library's own reader copies each.

    The format: the length of a header as eight bytes, little-endian; the header, JSON; the arrays, one after another.

    Examples
    --------
    >>> import numpy as np
    >>> from endcap.data.mapped import pack, unpack
    >>> unpack(memoryview(pack({"prices": np.array([3.5, 4.0])})))["prices"].tolist()
    [3.5, 4.0]
    """
    start = 8 + int.from_bytes(content[:8], "little")
    arrays = {}
    for name, entry in json.loads(bytes(content[8:start])).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            part: Any = np.frombuffer(content[start + first : start + last], _DTYPES[entry["dtype"]])
            arrays[name] = part.reshape(entry["shape"])
    return arrays
