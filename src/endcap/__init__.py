"""Endcap: product recommendations for e-commerce.

Names are imported when they are first used, so that `import endcap` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from endcap.models import MODELS, RATING_PREDICTORS

__version__ = "0.1.0"

if TYPE_CHECKING:
    from endcap.data.events import Events as Events
    from endcap.data.interactions import Interactions as Interactions
    from endcap.data.items import read_items as read_items
    from endcap.data.ratings import Ratings as Ratings
    from endcap.data.reading import read_events as read_events
    from endcap.data.splits import split_by_time as split_by_time
    from endcap.data.splits import split_by_user as split_by_user
    from endcap.data.splits import split_k_fold as split_k_fold
    from endcap.data.splits import split_last_basket as split_last_basket
    from endcap.data.splits import split_last_out as split_last_out
    from endcap.data.splits import split_predefined as split_predefined
    from endcap.data.splits import split_rolling as split_rolling
    from endcap.data.splits import split_shuffle as split_shuffle
    from endcap.data.users import read_users as read_users
    from endcap.doctor.diagnose import diagnose as diagnose
    from endcap.errors import EndcapError as EndcapError
    from endcap.evaluation.compare import compare as compare
    from endcap.evaluation.comparison import Comparison as Comparison
    from endcap.evaluation.cross_validate import cross_validate as cross_validate
    from endcap.evaluation.evaluate import Evaluation as Evaluation
    from endcap.evaluation.evaluate import evaluate as evaluate
    from endcap.evaluation.lists import evaluate_lists as evaluate_lists
    from endcap.evaluation.sessions import evaluate_sessions as evaluate_sessions
    from endcap.models.adapters import adapt as adapt
    from endcap.models.als import ALS as ALS
    from endcap.models.base import Recommender as Recommender
    from endcap.models.baseline import Baseline as Baseline
    from endcap.models.blend import Blend as Blend
    from endcap.models.bought_together import BoughtTogether as BoughtTogether
    from endcap.models.bpr import BPR as BPR
    from endcap.models.buy_again import BuyAgain as BuyAgain
    from endcap.models.co_clustering import CoClustering as CoClustering
    from endcap.models.ease import EASE as EASE
    from endcap.models.graph_filter import GraphFilter as GraphFilter
    from endcap.models.item_knn import ItemKNN as ItemKNN
    from endcap.models.knn import KNN as KNN
    from endcap.models.logistic_mf import LogisticMF as LogisticMF
    from endcap.models.markov import Markov as Markov
    from endcap.models.nmf import NMF as NMF
    from endcap.models.persistence import load as load
    from endcap.models.popular import Popular as Popular
    from endcap.models.random_rating import RandomRating as RandomRating
    from endcap.models.rating_predictor import RatingPredictor as RatingPredictor
    from endcap.models.rp3beta import RP3beta as RP3beta
    from endcap.models.sequential_rules import SequentialRules as SequentialRules
    from endcap.models.session_knn import SessionKNN as SessionKNN
    from endcap.models.slim import SLIM as SLIM
    from endcap.models.slope_one import SlopeOne as SlopeOne
    from endcap.models.sparse_ease import SparseEASE as SparseEASE
    from endcap.models.svd import SVD as SVD
    from endcap.models.svd import SVDpp as SVDpp
    from endcap.models.tifu_knn import TIFUKNN as TIFUKNN
    from endcap.models.up_cf import UPCF as UPCF
    from endcap.models.user_knn import UserKNN as UserKNN
    from endcap.models.vmis_knn import VMISKNN as VMISKNN
    from endcap.models.warp import WARP as WARP
    from endcap.report.exploration import Exploration as Exploration
    from endcap.report.exploration import explore as explore
    from endcap.tuning.tune import tune as tune
    from endcap.tuning.tuning import Tuning as Tuning

_HOME = {
    "Comparison": "endcap.evaluation.comparison",
    "EndcapError": "endcap.errors",
    "Evaluation": "endcap.evaluation.evaluate",
    "Events": "endcap.data.events",
    "Exploration": "endcap.report.exploration",
    "Interactions": "endcap.data.interactions",
    "RatingPredictor": "endcap.models.rating_predictor",
    "Ratings": "endcap.data.ratings",
    "Recommender": "endcap.models.base",
    "Tuning": "endcap.tuning.tuning",
    "adapt": "endcap.models.adapters",
    "load": "endcap.models.persistence",
    "read_events": "endcap.data.reading",
    "read_items": "endcap.data.items",
    "read_users": "endcap.data.users",
    "split_by_time": "endcap.data.splits",
    "split_by_user": "endcap.data.splits",
    "split_k_fold": "endcap.data.splits",
    "split_last_basket": "endcap.data.splits",
    "split_last_out": "endcap.data.splits",
    "split_predefined": "endcap.data.splits",
    "split_rolling": "endcap.data.splits",
    "split_shuffle": "endcap.data.splits",
    "compare": "endcap.evaluation.compare",
    "cross_validate": "endcap.evaluation.cross_validate",
    "diagnose": "endcap.doctor.diagnose",
    "evaluate": "endcap.evaluation.evaluate",
    "evaluate_lists": "endcap.evaluation.lists",
    "evaluate_sessions": "endcap.evaluation.sessions",
    "explore": "endcap.report.exploration",
    "tune": "endcap.tuning.tune",
    **MODELS,
    **RATING_PREDICTORS,
}

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604 - names of strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'endcap' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
