"""`endcap serve`: recommendations over HTTP."""

from __future__ import annotations

import ipaddress
import os
from importlib.util import find_spec
from typing import Annotated, Literal

import typer

from endcap.cli.output import ShopOption, open_shop, out

NAME = "serve"
EXAMPLE = "endcap serve --shop myshop/ --workers 2"


def run(
    shop: ShopOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
    retrain_every: Annotated[
        str, typer.Option(help='Train on the new events every so often, such as "6h"; through the gate.')
    ] = "",
    log_format: Annotated[
        Literal["text", "json"], typer.Option(help="What the log on standard error looks like.")
    ] = "text",
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option(help="info: what fails or is slow, and one in a hundred of the other requests; debug: all."),
    ] = "info",
) -> None:
    """Serve recommendations and take events over HTTP; the interface is described at /docs."""
    from endcap.data.durations import parse_duration
    from endcap.errors import ShopError
    from endcap.serve.metrics import prepare
    from endcap.serve.retraining import Retraining
    from endcap.serve.worker import FOLDER, PARENT

    try:
        import uvicorn

        for name in ("fastapi", "orjson", "lark", "prometheus_client"):  # the workers import them
            if find_spec(name) is None:
                raise ModuleNotFoundError(name=name)
    except ModuleNotFoundError as error:
        raise ShopError(f'serving needs {error.name}, which isn\'t installed: pip install "endcap[serve]"') from None
    from endcap.serve.logs import log_config

    the_shop = open_shop(shop)
    the_shop.prepared(the_shop.models.champion())  # once, not in every worker
    keys = the_shop.store.keys.all()
    if not _is_this_machine(host) and not any("admin" in key.scopes for key in keys.values()):
        raise ShopError(
            f"on {host} others can reach the server, and without a key they could do everything; make one first: "
            "endcap keys create NAME --scope admin"
        )
    out.print(f"Serving [bold]{the_shop.config.name}[/] on http://{host}:{port}, described at /docs. Ctrl-C ends it.")
    if not keys:
        out.print("[dim]No keys yet, so everyone on this machine may ask for everything: endcap keys create[/]")
    os.environ[FOLDER] = str(the_shop.folder.resolve())
    if workers > 1:
        prepare(the_shop.folder.resolve() / "metrics")
        os.environ[PARENT] = str(os.getpid())
    if retrain_every:
        Retraining(the_shop.folder.resolve(), parse_duration(retrain_every).total_seconds()).start()
    uvicorn.run(
        "endcap.serve.worker:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        server_header=False,
        log_config=log_config(log_format, log_level),
        timeout_graceful_shutdown=10,
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
