"""Dividing ratings, cross-validation, and the search for parameters, as in Surprise."""

from endcap.compat.surprise.model_selection.search import GridSearchCV, RandomizedSearchCV
from endcap.compat.surprise.model_selection.split import (
    KFold,
    LeaveOneOut,
    PredefinedKFold,
    RepeatedKFold,
    ShuffleSplit,
    train_test_split,
)
from endcap.compat.surprise.model_selection.validation import cross_validate

__all__ = [
    "GridSearchCV",
    "KFold",
    "LeaveOneOut",
    "PredefinedKFold",
    "RandomizedSearchCV",
    "RepeatedKFold",
    "ShuffleSplit",
    "cross_validate",
    "train_test_split",
]
