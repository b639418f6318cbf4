"""The interface of scikit-surprise 1.1.5 over Endcap's rating predictors.

A script written for Surprise runs after changing `from surprise import ...` into
`from endcap.compat.surprise import ...`. What differs on purpose is listed in the guide "Coming from Surprise".

Examples
--------
>>> import pandas as pd
>>> from endcap.compat.surprise import SVD, Dataset, Reader
>>> table = pd.DataFrame({"user": ["ann", "ann", "bob"], "item": [1, 2, 1], "rating": [5, 4, 3]})
>>> trainset = Dataset.load_from_df(table, Reader(rating_scale=(1, 5))).build_full_trainset()
>>> algo = SVD(random_state=0).fit(trainset)
>>> 1 <= algo.predict("bob", 2).est <= 5
True
"""

from endcap.compat.surprise import accuracy, dump, model_selection, similarities
from endcap.compat.surprise.builtin_datasets import get_dataset_dir
from endcap.compat.surprise.dataset import Dataset
from endcap.compat.surprise.prediction_algorithms import (
    NMF,
    SVD,
    AlgoBase,
    BaselineOnly,
    CoClustering,
    KNNBaseline,
    KNNBasic,
    KNNWithMeans,
    KNNWithZScore,
    NormalPredictor,
    Prediction,
    PredictionImpossible,
    SlopeOne,
    SVDpp,
)
from endcap.compat.surprise.reader import Reader
from endcap.compat.surprise.trainset import Trainset

__all__ = [
    "NMF",
    "SVD",
    "AlgoBase",
    "BaselineOnly",
    "CoClustering",
    "Dataset",
    "KNNBaseline",
    "KNNBasic",
    "KNNWithMeans",
    "KNNWithZScore",
    "NormalPredictor",
    "Prediction",
    "PredictionImpossible",
    "Reader",
    "SVDpp",
    "SlopeOne",
    "Trainset",
    "accuracy",
    "dump",
    "get_dataset_dir",
    "model_selection",
    "similarities",
]
