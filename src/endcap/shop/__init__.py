"""One shop, and all that can be done with it."""

from endcap.shop.records import Import
from endcap.shop.shop import Shop, as_id
from endcap.shop.training import EVALUATED, SAFE_MODEL, Training, test_window

__all__ = ["EVALUATED", "SAFE_MODEL", "Import", "Shop", "Training", "as_id", "test_window"]
