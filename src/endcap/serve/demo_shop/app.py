"""The service for the demo: what `endcap serve` serves, and the shop's pages under /shop."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from endcap.serve.app import create_app
from endcap.serve.demo_shop.goods import Goods
from endcap.serve.demo_shop.pages import router


def create_demo(folder: str | Path) -> FastAPI:
    """Return the service for a shop's folder, with a small shop under /shop.

    Raises
    ------
    ShopError
        Where the folder isn't a shop, or has no model yet.
    """
    app = create_app(folder)
    app.state.goods = Goods(app.state.server.live)
    app.include_router(router)
    app.mount("/shop/static", StaticFiles(packages=[("endcap.serve.demo_shop", "static")]))
    return app
