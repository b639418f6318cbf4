"""One process that serves a shop."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from pathlib import Path
from typing import Final

import uvicorn

from endcap.errors import EndcapError, ShopError
from endcap.serve.app import create_app
from endcap.serve.balance import Share
from endcap.serve.supervisor import FAILED

_TURN: Final = 0.0005
"""Seconds that a thread may go on while another waits: answers wait for the writing of events, at Python's 5 ms a turn
longer than they take."""
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


def work(folder: Path, listening: socket.socket, share: Share | None = None) -> None:
    """Answer requests until SIGTERM; `share` is of several workers this one's."""
    sys.setswitchinterval(_TURN)
    try:
        application = create_app(folder, share)
    except EndcapError as error:
        log.error("can't serve %s: %s", folder, error)
        raise SystemExit(FAILED) from None
    gc.collect()
    gc.freeze()  # what is there now stays: no request has to wait while it is looked through
    config = uvicorn.Config(
        application, access_log=False, server_header=False, log_config=None, timeout_graceful_shutdown=10
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(FAILED)
