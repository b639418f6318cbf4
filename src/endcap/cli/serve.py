"""`endcap serve`: recommendations over HTTP."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
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
    from endcap.errors import ShopError

    need_serving()
    from endcap.data.durations import parse_duration
    from endcap.serve.metrics import prepare

    the_shop = open_shop(shop)
    folder = the_shop.folder.resolve()
    version = the_shop.models.in_use()
    keys = the_shop.store.keys.all()
    if not _is_this_machine(host) and not any("admin" in key.scopes for key in keys.values()):
        raise ShopError(
            f"on {host} others can reach the server, and without a key they could do everything; make one first: "
            "endcap keys create NAME --scope admin"
        )
    every = parse_duration(retrain_every).total_seconds() if retrain_every else 0.0
    several = workers > 1 or every > 0
    if several and not hasattr(os, "fork"):
        raise ShopError("on this system one process answers, and none trains beside it: leave --workers as it is")
    if several:
        prepare()  # before the library that counts is imported
    from logging.config import dictConfig

    from endcap.serve.balance import shares
    from endcap.serve.logs import log_config
    from endcap.serve.retraining import Retraining
    from endcap.serve.supervisor import Supervisor
    from endcap.serve.worker import listen, work

    if version is not None and not the_shop.is_prepared(
        version
    ):  # once, not in every worker; apart, for threads don't survive a fork
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            apart.submit(_prepare, folder, version).result()
    with listen(host, port) as listening:
        out.print(
            f"Serving [bold]{the_shop.config.name}[/] on http://{host}:{port}, described at /docs. Ctrl-C ends it."
        )
        if version is None:
            out.print("[dim]No model yet: events are taken, and what recommends begins with the first endcap train[/]")
        if not keys:
            out.print("[dim]No keys yet, so everyone on this machine may ask for everything: endcap keys create[/]")
        dictConfig(log_config(log_format, log_level))
        if not several:
            work(folder, listening)
            return
        functions: list[Callable[[], None]] = [partial(work, folder, listening, share) for share in shares(workers)]
        if every:
            functions.append(Retraining(folder, every).run)
        raise typer.Exit(Supervisor(functions).run())


def _prepare(folder: Path, version: str) -> None:
    from endcap.shop import Shop

    Shop(folder).prepared(version)


def need_serving() -> None:
    """See that what serving needs is installed.

    Raises
    ------
    ShopError
        Where it isn't; the message says what to do.
    """
    from endcap.errors import ShopError

    for name in ("uvicorn", "fastapi", "fastapi_offline", "orjson", "lark", "prometheus_client", "rjsmin"):
        if find_spec(name) is None:
            raise ShopError(f'serving needs {name}, which isn\'t installed: pip install "endcap[serve]"')


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
