"""A text file as it is read: the file itself, or a mended copy of it where something is wrong."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from endcap.errors import DataError, StorageError

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_BLOCK: Final = 1 << 20
_LONGEST: Final = 1 << 24


@dataclass(frozen=True)
class BadLine:
    """A line that can't be read as a row."""

    number: int
    """From 1."""
    text: str
    reason: str


class TextFile:
    """A file of lines, the notices about it, and its lines that can't be read.

    A mended copy has a line for every line of the file, so that numbers of lines are the file's own; lines that can't
    be read are empty there. It goes when this object goes.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.path = path
        """What is to be read: the file, or its mended copy."""
        self.notices: list[str] = []
        self.bad: list[BadLine] = []
        self.mended = False
        if (coding := utf_16(beginning(path))) is not None:
            self._convert(coding)

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends; those that aren't UTF-8 are taken for Windows-1252, which is noted."""
        count = first = 0
        with open_binary(self.path) as file:
            for number, raw in enumerate(file, 1):
                try:
                    yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    count, first = count + 1, first or number
                    yield _western(raw)
        if count:
            which = f"line {first} was" if count == 1 else f"{count:,} of its lines, from line {first} on, were"
            note = (
                f"{self.name} is not UTF-8: {which} read as Windows-1252 (Latin-1); if letters look wrong, save it as "
                "UTF-8 and import it again"
            )
            if note not in self.notices:
                self.notices.append(note)

    def head(self, lines: int) -> list[str]:
        """Return the first lines that aren't blank, without their ends."""
        found: list[str] = []
        with open_binary(self.path) as file:
            while len(found) < lines and (raw := file.readline(_LONGEST)):
                raw = raw.removeprefix(b"\xef\xbb\xbf")
                if raw.strip():
                    try:
                        text = raw.decode()
                    except UnicodeDecodeError:
                        text = _western(raw)
                    found.append(text.rstrip("\r\n") if raw.endswith(b"\n") else text)
        return found

    @contextmanager
    def copy(self) -> Iterator[IO[str]]:
        """Open a mended copy to write; it is read from then on."""
        try:
            handle, name = tempfile.mkstemp(prefix="endcap-", suffix=self.path.suffixes[0] if self.path.suffix else "")
            weakref.finalize(self, _remove, name)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                yield out
        except OSError as error:
            if isinstance(error, DataError):
                raise
            raise StorageError(
                f"can't write a mended copy of {self.name} to {tempfile.gettempdir()}: {error.strerror or error}; "
                "free some space, or name another folder in the environment variable TMPDIR"
            ) from error
        self.path = Path(name)

    def _convert(self, coding: str) -> None:
        with io.TextIOWrapper(open_binary(self.path), coding, errors="replace", newline="") as file, self.copy() as out:
            while block := file.read(_BLOCK):
                out.write(block.removeprefix("\ufeff"))
        self.notices.append(f"{self.name} is UTF-16, not UTF-8; it was converted")


def open_binary(path: Path) -> IO[bytes]:
    """Open a file; what is compressed by gzip or zstd is unpacked, whatever its name."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_GZIP):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if start == _ZSTD:
        try:
            import pyarrow
        except ModuleNotFoundError:
            raise DataError(
                f"{path} is damaged, or not UTF-8; to mend what is compressed with zstd needs pyarrow: pip install "
                "pyarrow (or unpack it: zstd -d)"
            ) from None
        return io.BufferedReader(pyarrow.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def beginning(path: Path, size: int = 4096) -> bytes:
    """Return the first bytes of a file's text, unpacked where gzip can; what can't be unpacked is left as it is."""
    with path.open("rb") as file:
        start = file.read(size)
    if not start.startswith(_GZIP):
        return start
    with suppress(OSError, EOFError), gzip.open(path, "rb") as unpacked:
        return unpacked.read(size)
    return start


def utf_16(start: bytes) -> str | None:
    """Return the name of the coding where a file's first bytes are UTF-16: by its mark, or by every other byte."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    pairs = len(start) // 2
    even, odd = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if pairs >= 4 and max(even, odd) > 0.8 * pairs and min(even, odd) == 0:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _western(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return raw.decode("latin-1")


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)
