"""`endcap demo --shop`: the demo, served with the pages of a small shop."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from endcap.cli.output import out
from endcap.cli.serve import need_serving
from endcap.errors import ShopError

if TYPE_CHECKING:
    import uvicorn

_HOST = "127.0.0.1"


def free(port: int) -> None:
    """See, before a minute of work, that what serving needs is there.

    Raises
    ------
    ShopError
        Where a package is missing, or somebody else has the port.
    """
    need_serving()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((_HOST, port))
        except OSError:
            raise ShopError(f"port {port} is in use; give another: endcap demo --shop --port {port + 1}") from None


def serve_demo(folder: Path, port: int, *, browser: bool) -> None:
    """Serve until Ctrl-C, and open the shop where there is a browser to open it in."""
    import uvicorn

    from endcap.serve.demo_shop.app import create_demo

    address = f"http://{_HOST}:{port}"
    config = uvicorn.Config(
        create_demo(folder),
        host=_HOST,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    out.print(f"\nThe shop: [bold]{address}/shop[/]   the dashboard: {address}/   Ctrl-C ends it.")
    if browser and _has_window():
        threading.Thread(target=_open, args=(server, f"{address}/shop"), daemon=True).start()
    server.run()


def _has_window() -> bool:
    """Return whether a browser could show a window; one in the terminal would get in the way."""
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(server: uvicorn.Server, address: str) -> None:
    import webbrowser

    while not server.started:
        time.sleep(0.05)
    webbrowser.open(address)
