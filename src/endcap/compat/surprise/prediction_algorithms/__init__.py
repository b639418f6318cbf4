"""Surprise's algorithms over Endcap's rating predictors."""

from endcap.compat.surprise.prediction_algorithms.algo_base import AlgoBase
from endcap.compat.surprise.prediction_algorithms.baselines import BaselineOnly, NormalPredictor
from endcap.compat.surprise.prediction_algorithms.co_clustering import CoClustering
from endcap.compat.surprise.prediction_algorithms.knns import KNNBaseline, KNNBasic, KNNWithMeans, KNNWithZScore
from endcap.compat.surprise.prediction_algorithms.matrix_factorization import NMF, SVD, SVDpp
from endcap.compat.surprise.prediction_algorithms.predictions import Prediction, PredictionImpossible
from endcap.compat.surprise.prediction_algorithms.slope_one import SlopeOne

__all__ = [
    "NMF",
    "SVD",
    "AlgoBase",
    "BaselineOnly",
    "CoClustering",
    "KNNBaseline",
    "KNNBasic",
    "KNNWithMeans",
    "KNNWithZScore",
    "NormalPredictor",
    "Prediction",
    "PredictionImpossible",
    "SVDpp",
    "SlopeOne",
]
