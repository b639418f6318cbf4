"""The application: endpoints, guard and errors, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from endcap import __version__
from endcap.serve import problems, tracing
from endcap.serve.balance import Share
from endcap.serve.entrance import Entrance
from endcap.serve.express import Express
from endcap.serve.guard import Guard
from endcap.serve.live import Live
from endcap.serve.routes import dashboard, docs, events, health, products, recommend, script, users
from endcap.serve.server import Server
from endcap.shop import Shop


def create_app(folder: str | Path, share: Share | None = None) -> FastAPI:
    """Return the service for a shop; `share` is of several workers this one's.

    Raises
    ------
    ShopError
        Where the folder isn't a shop, or its model isn't there.

    Examples
    --------
    `uvicorn.run(create_app("myshop"))` is what `endcap serve --shop myshop` does, for one worker.
    """
    shop = Shop(folder)
    settings = shop.config.serve
    server = Server(Live(shop))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await server.start()
        yield
        await server.stop()

    app = FastAPI(
        title=f"Endcap: {shop.config.name}",
        version=__version__,
        description="Recommendations for a shop's pages, and what its shoppers do.",
        lifespan=lifespan,
        docs_url=None,  # our own, from this server alone
        redoc_url=None,
    )
    app.state.server = server
    for routes in (dashboard, docs, recommend, events, users, products, health, script):
        app.include_router(routes.router)
    problems.install(app)
    app.add_middleware(Express, server=server)
    app.add_middleware(
        Guard, keys=server.keys, most_bytes=settings.most_bytes, rate=settings.rate, origins=settings.origins
    )
    app.add_middleware(Entrance, metrics=server.metrics, share=share)
    if tracing.begin():
        app.add_middleware(tracing.Traced)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-api-key", "x-request-id"],
            expose_headers=["x-request-id", "retry-after"],
            max_age=3600,
        )
    return app
