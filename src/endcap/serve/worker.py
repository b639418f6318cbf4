"""One process that serves a shop: started by name, so that who starts it imports nothing but this."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastapi import FastAPI

FOLDER: Final = "ENDCAP_SHOP"
"""The environment variable that tells a worker which shop it serves."""
PARENT: Final = "ENDCAP_PARENT"
"""The process that started the workers: when it is gone, so are they."""


def application() -> FastAPI:
    """Return the service for the shop that the environment names."""
    from endcap.serve.app import create_app

    parent = os.environ.get(PARENT)
    if parent is not None:
        threading.Thread(target=_end_with, args=(int(parent),), daemon=True).start()
    return create_app(os.environ[FOLDER])


def _end_with(parent: int) -> None:
    """End this worker when the process that started it is gone.

    At once, as that one ended: what was acknowledged is on disk, and the port must be free for the next server.
    """
    while os.getppid() == parent:
        time.sleep(0.05)
    os._exit(1)
