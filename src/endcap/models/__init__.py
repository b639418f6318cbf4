"""The recommenders, behind one interface (`endcap.models.base.Recommender`): a file a family."""

from typing import Final

MODELS: Final[dict[str, str]] = {
    "ALS": "endcap.models.als",
    "BPR": "endcap.models.bpr",
    "BoughtTogether": "endcap.models.bought_together",
    "Blend": "endcap.models.blend",
    "BuyAgain": "endcap.models.buy_again",
    "EASE": "endcap.models.ease",
    "GraphFilter": "endcap.models.graph_filter",
    "ItemKNN": "endcap.models.item_knn",
    "LogisticMF": "endcap.models.logistic_mf",
    "Markov": "endcap.models.markov",
    "Popular": "endcap.models.popular",
    "RP3beta": "endcap.models.rp3beta",
    "SLIM": "endcap.models.slim",
    "SequentialRules": "endcap.models.sequential_rules",
    "SessionKNN": "endcap.models.session_knn",
    "SparseEASE": "endcap.models.sparse_ease",
    "TIFUKNN": "endcap.models.tifu_knn",
    "UPCF": "endcap.models.up_cf",
    "UserKNN": "endcap.models.user_knn",
    "VMISKNN": "endcap.models.vmis_knn",
    "WARP": "endcap.models.warp",
}
"""Every model by name, and the module it is in: the list from which saved models are loaded and tests are drawn."""

RATING_PREDICTORS: Final[dict[str, str]] = {
    "Baseline": "endcap.models.baseline",
    "CoClustering": "endcap.models.co_clustering",
    "KNN": "endcap.models.knn",
    "NMF": "endcap.models.nmf",
    "RandomRating": "endcap.models.random_rating",
    "SVD": "endcap.models.svd",
    "SVDpp": "endcap.models.svd",
    "SlopeOne": "endcap.models.slope_one",
}
"""The same for the rating predictors (`endcap.models.rating_predictor.RatingPredictor`)."""
