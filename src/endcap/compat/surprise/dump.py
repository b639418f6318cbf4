"""Predictions and fitted algorithms in a file that can't run code: a zip of JSON and safetensors, not a pickle."""

from __future__ import annotations

import io
import json
import zipfile
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from endcap.compat.surprise import prediction_algorithms
from endcap.compat.surprise.prediction_algorithms import Prediction
from endcap.compat.surprise.prediction_algorithms.predictor import PredictorAlgorithm
from endcap.compat.surprise.trainset import Trainset
from endcap.errors import DataError, EndcapError, ModelFileError
from endcap.files import write_whole

_FORMAT = 1


def dump(file_name: str, predictions: Any = None, algo: Any = None, verbose: int = 0) -> None:
    """Write predictions and an algorithm to a file.

    Parameters
    ----------
    file_name
        The file; one already there is replaced.
    predictions
        What `test` returned.
    algo
        One of the algorithms here, fitted or not. A `random_state` that isn't a whole number is not kept.
    verbose
        1: say that it was written.

    Raises
    ------
    DataError
        Where the algorithm is a script's own (its code can't be written safely), or an id is neither text nor a number.
    StorageError
        Where the file can't be written.

    Examples
    --------
    >>> import tempfile
    >>> from endcap.compat.surprise import SVD, dump
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dump.dump(folder + "/svd", algo=SVD(n_factors=7))
    ...     dump.load(folder + "/svd")[1].n_factors
    7
    """
    content: dict[str, Any] = {"format": _FORMAT, "predictions": predictions, "algo": None}
    arrays: dict[str, Any] = {}
    if algo is not None:
        content["algo"], arrays = _described(algo)
    try:
        text = json.dumps(content, default=_plain)
    except TypeError as error:
        raise DataError(f"only text and numbers can be dumped as ids, details and parameters: {error}") from None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        parts.writestr("dump.json", text)
        parts.writestr("arrays.safetensors", save_arrays(arrays))
    write_whole(Path(file_name), buffer.getvalue())
    if verbose:
        print("The dump has been saved as file", file_name)


def load(file_name: str) -> tuple[Any, Any]:
    """Return the predictions and the algorithm of a file written by `dump`; None for what it doesn't hold.

    Raises
    ------
    ModelFileError
        Where the file is damaged or no such dump. Surprise's own dumps are pickles, which may run code, and are
        refused: fit anew.
    """
    try:
        with zipfile.ZipFile(file_name) as parts:
            content = json.loads(parts.read("dump.json"))
            arrays = load_arrays(parts.read("arrays.safetensors"))
        if content["format"] != _FORMAT:
            raise ModelFileError(f"{file_name} has format {content['format']!r}; this version reads {_FORMAT}")
        found = content["predictions"]
        predictions = None if found is None else [Prediction(*row) for row in found]
        return predictions, None if content["algo"] is None else _made(content["algo"], arrays)
    except zipfile.BadZipFile:
        raise ModelFileError(
            f"{file_name} is damaged or wasn't written by endcap.compat.surprise.dump. If Surprise wrote it, it is a "
            "pickle, which may run code when it is read: fit the algorithm anew"
        ) from None
    except FileNotFoundError:
        raise ModelFileError(f"there is no file {file_name}") from None
    except (KeyError, TypeError, ValueError, AttributeError, EndcapError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{file_name} is damaged: {error}") from error


def _described(algo: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    name = type(algo).__name__
    if not isinstance(algo, PredictorAlgorithm) or getattr(prediction_algorithms, name, None) is not type(algo):
        raise DataError(f"{name} is a script's own algorithm: its code can't be dumped safely; dump its predictions")
    parameters = {p: getattr(algo, p) for p in signature(type(algo)).parameters if hasattr(algo, p)}
    if not isinstance(parameters.get("random_state"), (int, np.integer)):
        parameters.pop("random_state", None)
    described: dict[str, Any] = {"class": name, "parameters": parameters, "fitted": hasattr(algo, "model")}
    if not described["fitted"]:
        return described, {}
    trainset = algo.trainset
    described["users"] = list(trainset._raw2inner_id_users)
    described["items"] = list(trainset._raw2inner_id_items)
    described["rating_scale"] = list(trainset.rating_scale)
    arrays = {"users": trainset._users, "items": trainset._items, "values": trainset._values}
    for learned in algo.model._learned:
        arrays[f"model.{learned}"] = np.ascontiguousarray(getattr(algo.model, learned))
    for biases in ("bu", "bi"):
        if getattr(algo, biases) is not None:
            arrays[biases] = np.ascontiguousarray(getattr(algo, biases))
    return described, arrays


def _made(described: dict[str, Any], arrays: dict[str, Any]) -> Any:
    cls = getattr(prediction_algorithms, described["class"])
    if not issubclass(cls, PredictorAlgorithm):
        raise ModelFileError(f"{described['class']!r} is no algorithm")
    algo: Any = cls(**described["parameters"])
    if not described["fitted"]:
        return algo
    users, items = ({raw: inner for inner, raw in enumerate(described[side])} for side in ("users", "items"))
    scale = tuple(described["rating_scale"])
    algo.trainset = Trainset(arrays["users"], arrays["items"], arrays["values"], scale, users, items)
    algo.bu, algo.bi = arrays.get("bu"), arrays.get("bi")
    model = algo._make()
    model._set_data(algo.trainset.ratings)
    for learned in model._learned:
        setattr(model, learned, arrays[f"model.{learned}"])
    algo.model = model
    algo._learned()
    return algo


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} is a {type(value).__name__}")
