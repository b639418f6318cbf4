"""The recommenders, behind one interface (`endcap.models.base.Recommender`): a file a family."""

from typing import Final

MODELS: Final[dict[str, str]] = {
    "ALS": "endcap.models.als",
    "BuyAgain": "endcap.models.buy_again",
    "EASE": "endcap.models.ease",
    "ItemKNN": "endcap.models.item_knn",
    "Popular": "endcap.models.popular",
    "RP3beta": "endcap.models.rp3beta",
    "UserKNN": "endcap.models.user_knn",
}
"""Every model by name, and the module it is in: the list from which saved models are loaded and tests are drawn."""
