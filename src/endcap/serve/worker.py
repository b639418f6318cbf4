"""One process that serves a shop."""

from __future__ import annotations

import logging
import logging.config
import socket
from pathlib import Path
from typing import Any

import uvicorn

from endcap.errors import EndcapError, ShopError
from endcap.serve.app import create_app
from endcap.serve.supervisor import FAILED

log = logging.getLogger("endcap.serve")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections from now on, for one process or several.

    Raises
    ------
    ShopError
        Where the address can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ShopError(
            f"can't listen on {host}:{port}: {error.strerror}; another server may be there: choose another --port"
        ) from None


def work(folder: Path, listening: socket.socket, log_config: dict[str, Any]) -> None:
    """Answer requests until SIGTERM."""
    logging.config.dictConfig(log_config)
    try:
        application = create_app(folder)
    except EndcapError as error:
        log.error("can't serve %s: %s", folder, error)
        raise SystemExit(FAILED) from None
    config = uvicorn.Config(
        application, access_log=False, server_header=False, log_config=None, timeout_graceful_shutdown=10
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(FAILED)
