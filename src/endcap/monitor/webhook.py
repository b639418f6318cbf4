"""Telling somebody else's program: one POST of JSON, tried again a few times."""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

log = logging.getLogger("endcap.monitor")

TIMEOUT: Final = 5.0
"""Seconds for one try."""
PAUSES: Final = (0.0, 1.0, 3.0)
"""Seconds before each try."""


def post(url: str, message: dict[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Post a message, and return whether it was taken: answered with a status of 200 to 299.

    What answers with 400 to 499 is not asked again (but for 408 and 429): it would say the same. Redirects aren't
    followed, and no other scheme than http and https is spoken.
    """
    body = json.dumps(message, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "endcap"}
    for pause in PAUSES:
        sleep(pause)
        try:
            request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - see the opener
            with _opener().open(request, timeout=TIMEOUT) as answer:
                if 200 <= answer.status < 300:
                    return True
                problem: object = f"status {answer.status}"
                if 400 <= answer.status < 500 and answer.status not in {408, 429}:
                    break
        except (urllib.error.URLError, OSError, ValueError) as error:
            problem = error
    log.warning("the webhook wasn't taken: %s", problem)
    return False


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()  # a bare one: no files, no FTP, no redirects
    own = urllib.request
    for handler in (own.ProxyHandler, own.UnknownHandler, own.HTTPHandler, own.HTTPSHandler):
        opener.add_handler(handler())
    return opener
