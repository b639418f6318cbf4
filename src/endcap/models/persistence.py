"""Models on disk: a folder of a manifest, arrays and ids that is readable anywhere and can't run code.

The data files carry their content's hash in their names, and the manifest, written last and swapped in by one rename,
says which of them make the model. So whatever goes wrong while saving, the folder holds the old model or the
new one, whole.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib
import io
import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl
from scipy import sparse

from endcap import __version__
from endcap.data.arrays import CsrMatrix
from endcap.data.event_log import EventLog
from endcap.data.interactions import Interactions
from endcap.data.mapped import map_file, pack, unpack
from endcap.data.ratings import Ratings
from endcap.data.vocabulary import Vocabulary
from endcap.errors import EndcapError, ModelFileError, NotFittedError, StorageError
from endcap.files import write_whole
from endcap.models.parameters import parameters_of
from endcap.models.rating_predictor import RatingPredictor

if TYPE_CHECKING:
    from endcap.models.base import Recommender

    Model: TypeAlias = Recommender | RatingPredictor

FORMAT = 1
MANIFEST = "manifest.json"
_ROLES = ("arrays", "users", "items")
_LOG = "interactions_.log."


def save(model: Model, path: Path, *, metrics: dict[str, Any] | None = None) -> None:
    """Write a fitted model to the folder `path`, replacing a model already there.

    Raises
    ------
    StorageError
        Where the disk is full or the folder can't be written; a model that was there is still whole.
    ModelFileError
        Where `path` is a folder with something else in it.
    """
    data = model._data
    contents = {
        "arrays": pack(dict(_flatten(model))),
        "users": _ids_to_arrow(data.users),
        "items": _ids_to_arrow(data.items),
    }
    suffixes = {"arrays": ".safetensors", "users": ".arrow", "items": ".arrow"}
    files = {}
    for role, content in contents.items():
        digest = hashlib.sha256(content).hexdigest()
        name = f"{role}-{digest[:16]}{suffixes[role]}"
        files[role] = {"name": name, "sha256": digest, "bytes": len(content)}
    manifest = {
        "format": FORMAT,
        "class": type(model).__name__,
        "parameters": parameters_of(model),
        "notes": list(model.notes_),
        "data": {
            "fingerprint": data.fingerprint(),
            "users": data.shape[0],
            "items": data.shape[1],
            "pairs": data.nnz,
            **({"newest": data.newest} if isinstance(data, Interactions) else {}),
            **({"scale": list(data.scale), "repeats": data.repeats} if isinstance(data, Ratings) else {}),
        },
        "metrics": metrics or {},
        "files": files,
        "versions": {
            "endcap": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "polars": pl.__version__,
        },
        "saved_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    new = {str(entry["name"]) for entry in files.values()}
    if _holds_something_else(path):
        raise ModelFileError(f"{path} is there already and isn't a model; give another path or remove it")
    old = _files_of(path)
    try:
        for role, content in contents.items():
            write_whole(path / str(files[role]["name"]), content)
        write_whole(path / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    except BaseException:
        _remove(path, new - old)
        with contextlib.suppress(OSError):
            path.rmdir()  # only where it is empty, so where no model was there before
        raise
    _remove(path, old - new)


def load(path: str | Path) -> Any:
    """Return the model saved in a folder: a recommender or a rating predictor, as it was.

    Its arrays are the file itself, mapped into memory and read-only: processes that load the same model share them.

    Raises
    ------
    ModelFileError
        Where the folder isn't a model, or a file in it is missing, truncated or altered; the message names the file.
    """
    path = Path(path)
    manifest = _read_manifest(path)
    cls = _model_class(manifest, path)
    content = {role: _read_checked(path, manifest, role) for role in _ROLES}
    try:
        model = cls(**manifest["parameters"])
        arrays = unpack(content["arrays"])
        users, items = _ids_from_arrow(content["users"]), _ids_from_arrow(content["items"])
        if isinstance(model, RatingPredictor):
            low, high = manifest["data"]["scale"]
            ratings = _restore(arrays, "ratings_.matrix")
            model._set_data(Ratings(ratings, users, items, (low, high), manifest["data"]["repeats"]))
        else:
            matrix = _restore(arrays, "interactions_.matrix")
            parts = {name.removeprefix(_LOG): a for name, a in arrays.items() if name.startswith(_LOG)}
            log = EventLog(**parts) if parts else None
            model.interactions_ = Interactions(matrix, users, items, arrays.get("interactions_.last_time"), log)
            if "newest" in manifest["data"]:  # else it would be found by looking at every time there is
                vars(model.interactions_)["newest"] = int(manifest["data"]["newest"])
            model.popularity_ = arrays["popularity_"]
        model.notes_ = tuple(manifest["notes"])
        _restore_learned(model, arrays, "")
    except (KeyError, TypeError, ValueError, EndcapError, pl.exceptions.PolarsError) as error:
        raise ModelFileError(
            f"{path / MANIFEST} doesn't fit {cls.__name__} of this version of Endcap ({__version__}; the model was "
            f"saved by {manifest.get('versions', {}).get('endcap', 'an unknown one')}): {error}"
        ) from error
    return model


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Return what a saved model says of itself: class, parameters, data, metrics, versions."""
    return _read_manifest(Path(path))


def _flatten(model: Model) -> Iterator[tuple[str, Any]]:
    if isinstance(model, RatingPredictor):
        yield from _parts("ratings_.matrix", model.ratings_.matrix)
    else:
        data = model.interactions_
        yield from _parts("interactions_.matrix", data.matrix)
        if data.last_time is not None:
            yield "interactions_.last_time", np.ascontiguousarray(data.last_time)
        if data.log is not None:
            for name, array in vars(data.log).items():
                if array is not None:
                    yield f"{_LOG}{name}", np.ascontiguousarray(array)
        yield "popularity_", np.ascontiguousarray(model.popularity_)
    yield from _flatten_learned(model, "")


def _flatten_learned(model: Model, prefix: str) -> Iterator[tuple[str, Any]]:
    for name in model._learned:
        if not hasattr(model, name):
            raise NotFittedError(f"{type(model).__name__} has not learned {name} yet; call fit first")
        yield from _parts(f"{prefix}{name}", getattr(model, name))
    for place, component in enumerate(_components(model)):
        yield from _flatten_learned(component, f"{prefix}components_.{place}.")


def _components(model: Model) -> list[Recommender]:
    return [] if isinstance(model, RatingPredictor) else model._components()


def _restore_learned(model: Any, arrays: dict[str, Any], prefix: str) -> None:
    for name in model._learned:
        setattr(model, name, _restore(arrays, f"{prefix}{name}"))
    for place, component in enumerate(_components(model)):  # they share the data of the whole
        component.interactions_, component.popularity_ = model.interactions_, model.popularity_
        _restore_learned(component, arrays, f"{prefix}components_.{place}.")


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if sparse.issparse(value):
        csr: CsrMatrix = value
        for part in ("data", "indices", "indptr"):
            yield f"{name}.{part}", np.ascontiguousarray(getattr(csr, part))
        yield f"{name}.shape", np.array(csr.shape, np.int64)
    else:
        yield name, np.ascontiguousarray(value)


def _restore(arrays: dict[str, Any], name: str) -> Any:
    if name in arrays:
        return arrays[name]
    parts = tuple(arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    return sparse.csr_array(parts, shape=tuple(arrays[f"{name}.shape"].tolist()))


def _ids_to_arrow(vocabulary: Vocabulary) -> bytes:
    buffer = io.BytesIO()
    vocabulary.ids.to_frame().write_ipc(buffer, compression="uncompressed")
    return buffer.getvalue()


def _ids_from_arrow(content: memoryview) -> Vocabulary:
    return Vocabulary.from_sorted(pl.read_ipc(bytes(content), use_pyarrow=False)["id"])


def _read_manifest(path: Path) -> dict[str, Any]:
    file = path / MANIFEST
    if not path.exists():
        raise ModelFileError(f"there is no model at {path}")
    if not file.is_file():
        raise ModelFileError(f"{path} is not a model: it holds no {MANIFEST}")
    try:
        manifest = json.loads(file.read_bytes())
        version = manifest["format"]
        for role in _ROLES:
            entry = manifest["files"][role]
            if Path(entry["name"]).name != entry["name"]:
                raise ValueError(f"a file outside the folder is named: {entry['name']}")
            str(entry["sha256"]), int(entry["bytes"])
        dict(manifest["parameters"]), list(manifest["notes"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"{file} is damaged or isn't a manifest of Endcap: {error}") from error
    if version != FORMAT:
        raise ModelFileError(
            f"{file} has format {version!r}; this version of Endcap ({__version__}) reads format {FORMAT}"
        )
    assert isinstance(manifest, dict)  # noqa: S101 - subscripting by name above shows it; this tells the type checker
    return manifest


def _read_checked(path: Path, manifest: dict[str, Any], role: str) -> memoryview:
    entry = manifest["files"][role]
    file = path / str(entry["name"])
    try:
        content = map_file(file)
        with file.open("rb") as opened:  # read, not mapped: what is only checked needn't stay in memory
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelFileError(f"{file} is missing; the model can't be used without it") from None
    except OSError as error:
        raise ModelFileError(f"{file} can't be read: {error.strerror}") from error
    if len(content) != entry["bytes"]:
        raise ModelFileError(f"{file} is truncated or altered: {len(content)} bytes instead of {entry['bytes']}")
    if digest != entry["sha256"]:
        raise ModelFileError(f"{file} is altered: its checksum is not the one in {MANIFEST}")
    return content


def _holds_something_else(path: Path) -> bool:
    try:
        if not path.exists() or (path / MANIFEST).is_file():
            return False
        return not path.is_dir() or any(path.iterdir())
    except OSError as error:
        raise StorageError(f"can't look into {path}: {error.strerror}") from error


def _remove(path: Path, names: set[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            (path / name).unlink()


def _files_of(path: Path) -> set[str]:
    try:
        return {str(entry["name"]) for entry in _read_manifest(path)["files"].values()}
    except ModelFileError:
        return set()


def _model_class(manifest: dict[str, Any], path: Path) -> type[Model]:
    from endcap.models import MODELS, RATING_PREDICTORS

    homes = {**MODELS, **RATING_PREDICTORS}
    name = manifest.get("class")
    if name not in homes:
        raise ModelFileError(
            f"{path / MANIFEST} names the model {name!r}, which this version of Endcap ({__version__}) doesn't have"
        )
    cls: type[Model] = getattr(importlib.import_module(homes[name]), name)
    return cls
