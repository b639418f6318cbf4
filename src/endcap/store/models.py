"""A shop's models: a folder for each version, a file that names the one in use, and the log of how it came to that."""

from __future__ import annotations

import datetime
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from endcap.errors import NoModelError, ShopError, StorageError
from endcap.files import write_whole
from endcap.models.base import Recommender
from endcap.models.persistence import MANIFEST, load, read_manifest, save
from endcap.store.decisions import KEPT, PINNED, PROMOTED, REMOVED, ROLLED_BACK, UNPINNED, Decision, DecisionLog

_VERSION = re.compile(r"[0-9]{8}-[0-9]{6}-[A-Za-z0-9_]+(-[0-9]+)?")
_REMOVING = "removing-"


class ModelRegistry:
    """The versions of a shop's model, named by time and class, and the champion among them: the one in use.

    A decision is written to the log first, and then comes into force by the rename of one small file. So whoever reads
    finds the old champion or the new one, and none that the log doesn't know of.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = DecisionLog(folder / "decisions.jsonl")

    # -- what there is -------------------------------------------------------------------------------------

    def versions(self) -> list[str]:
        """Return the names of all versions, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(
            (p.name for p in self.folder.iterdir() if _VERSION.fullmatch(p.name) and (p / MANIFEST).is_file()),
            key=_by_age,
        )

    def in_use(self) -> str | None:
        """Return the champion, or None where there is none."""
        try:
            return (self.folder / "champion").read_text().strip()
        except FileNotFoundError:
            return None

    def champion(self) -> str:
        """Return the version in use.

        Raises
        ------
        NoModelError
            Where no model was trained yet.
        """
        found = self.in_use()
        if found is None:
            raise NoModelError("no model has been trained in this shop yet; train one: endcap train")
        return found

    def previous(self) -> str | None:
        """Return the version that was in use before the champion was put to use; None where there was none."""
        champion = self.in_use()
        promotions = [one for one in self.decisions() if one.action == PROMOTED and one.version == champion]
        return promotions[-1].before if promotions else None

    def pinned(self) -> list[str]:
        """Return the versions that are never removed, oldest first."""
        try:
            return (self.folder / "pinned").read_text().split()
        except FileNotFoundError:
            return []

    def decisions(self) -> list[Decision]:
        """Return what was decided so far, oldest first."""
        return self._log.read()

    def load(self, version: str | None = None) -> Recommender:
        """Return a version's model, the champion's by default."""
        model: Recommender = load(self.folder / (version or self.champion()))
        return model

    def manifest(self, version: str | None = None) -> dict[str, Any]:
        """Return what a version says of itself, the champion by default."""
        return read_manifest(self.folder / (version or self.champion()))

    @contextmanager
    def training(self) -> Iterator[None]:
        """Hold the registry for a training: no other one of this shop can begin until it is over.

        The lock is the operating system's, so it ends with the process, however that ends. What an earlier training
        left unfinished, because it was killed, is removed first.

        Raises
        ------
        ShopError
            Where another training is running.
        StorageError
            Where nothing can be written.
        """
        lock = self.folder / "training.lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(lock, timeout=0):
                self._sweep()
                yield
        except Timeout:
            raise ShopError(
                f"another training of this shop is running (it holds {lock}); wait until it is over, or end it"
            ) from None
        except PermissionError as error:
            raise StorageError(f"can't write {lock}: {error.strerror}") from error

    def _sweep(self) -> None:
        """Remove versions that were being written, or removed, when a process was killed."""
        for stray in self.folder.iterdir():
            half = _VERSION.fullmatch(stray.name) and not (stray / MANIFEST).is_file()
            if stray.is_dir() and (half or stray.name.startswith(_REMOVING)):
                shutil.rmtree(stray, ignore_errors=True)
            elif stray.suffix == ".partial":
                stray.unlink(missing_ok=True)

    # -- what changes it -----------------------------------------------------------------------------------

    def add(self, model: Recommender, *, metrics: dict[str, Any]) -> str:
        """Save a model as a new version, and return its name. The first one is put to use at once."""
        second = f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}"
        there = [p.name for p in self.folder.glob(f"{second}-*") if _VERSION.fullmatch(p.name)]
        number = 1 + max((_by_age(one)[1] for one in there), default=0)
        version = f"{second}-{type(model).__name__}" + (f"-{number}" if number > 1 else "")
        save(model, self.folder / version, metrics=metrics)
        if self.in_use() is None:
            self.promote(version, "the first model of this shop")
        return version

    def promote(self, version: str, reason: str, checks: Sequence[dict[str, Any]] = ()) -> None:
        """Put a version to use.

        Raises
        ------
        ShopError
            Where there is no such version.
        StorageError
            Where it can't be written; the champion stays.
        """
        self._check(version)
        if version != self.in_use():
            self._decide(PROMOTED, version, reason, checks)
            self._put_to_use(version)

    def keep(self, version: str | None, reason: str, checks: Sequence[dict[str, Any]] = ()) -> None:
        """Write down why a version isn't put to use."""
        self._decide(KEPT, version, reason, checks)

    def rollback(self, reason: str = "by hand") -> str:
        """Put the version to use again that was in use before the champion, and return its name.

        Raises
        ------
        ShopError
            Where there is none, or it was removed.
        """
        self.champion()
        previous = self.previous()
        if previous is None:
            raise ShopError("there is nothing to roll back to: the model in use is the first that was put to use")
        self._check(previous)
        self._decide(ROLLED_BACK, previous, reason)
        self._put_to_use(previous)
        return previous

    def pin(self, version: str, reason: str = "by hand") -> None:
        """See that a version is never removed."""
        self._check(version)
        self._set_pins(PINNED, version, sorted({*self.pinned(), version}, key=_by_age), reason)

    def unpin(self, version: str, reason: str = "by hand") -> None:
        """Let a version be removed when it is old."""
        if version not in self.pinned():
            raise ShopError(f"{version} is not pinned; pinned are: {', '.join(self.pinned()) or 'none'}")
        self._set_pins(UNPINNED, version, [one for one in self.pinned() if one != version], reason)

    def retain(self, keep: int = 10, *, needed: Collection[str] = ()) -> list[str]:
        """Remove all but the newest `keep` versions, and return which were removed.

        The champion, the one before it, the pinned ones and those `needed` always stay, and count among the `keep`.
        """
        held = {self.in_use(), self.previous(), *self.pinned(), *needed}
        versions = self.versions()
        others = [one for one in versions if one not in held]
        room = max(0, keep - (len(versions) - len(others)))
        removed = others[: max(0, len(others) - room)]
        try:
            for version in removed:
                self._decide(REMOVED, version, f"older than the newest {keep}, which are kept")
                # Out of sight by one rename, so that nobody finds half a version.
                (self.folder / version).rename(self.folder / f"{_REMOVING}{version}")
            for leftover in self.folder.glob(f"{_REMOVING}*"):
                shutil.rmtree(leftover)
        except OSError as error:
            raise StorageError(f"can't remove old models in {self.folder}: {error.strerror or error}") from error
        return removed

    # -- how -----------------------------------------------------------------------------------------------

    def _put_to_use(self, version: str) -> None:
        write_whole(self.folder / "champion", version.encode())

    def _set_pins(self, action: str, version: str, pins: list[str], reason: str) -> None:
        self._decide(action, version, reason)
        write_whole(self.folder / "pinned", "".join(f"{one}\n" for one in pins).encode())

    def _check(self, version: str) -> None:
        if version not in self.versions():
            raise ShopError(f"there is no version {version!r}; there are: {', '.join(self.versions()) or 'none'}")

    def _decide(self, action: str, version: str | None, reason: str, checks: Sequence[dict[str, Any]] = ()) -> None:
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._log.append(Decision(at, action, version, self.in_use(), reason, list(checks)))


def _by_age(version: str) -> tuple[str, int]:
    """Return the second in which a version was made, and which of that second it is."""
    day, time, _, *number = version.split("-")
    return f"{day}-{time}", int(number[0]) if number else 1
