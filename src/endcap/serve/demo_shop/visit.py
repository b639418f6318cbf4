"""What the shop keeps of a visit, in cookies of its own: the cart, who is logged in, the answer about consent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Final, Self
from urllib.parse import parse_qs, quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

_CART, _USER, _CONSENT, _ORDER = "shop_cart", "shop_user", "shop_consent", "shop_order"
_MOST: Final = 30  # lines of a cart, pieces of a line


@dataclass(frozen=True)
class Visit:
    """A visit as its cookies tell it."""

    cart: dict[str, int] = field(default_factory=dict)
    """Pieces by product."""
    user: str = ""
    consent: str = ""
    """"true", "false", or "" before there was an answer."""
    order: dict[str, int] = field(default_factory=dict)
    """What was ordered last."""
    order_id: str = ""

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read a visit; what can't be read counts as not there."""
        cookies = {name: unquote(value) for name, value in request.cookies.items()}
        order_id, _, order = cookies.get(_ORDER, "").partition(" ")
        consent = cookies.get(_CONSENT, "")
        return cls(
            cart=_lines(cookies.get(_CART, "")),
            user=cookies.get(_USER, "")[:256],
            consent=consent if consent in {"true", "false"} else "",
            order=_lines(order),
            order_id=order_id[:64],
        )

    def with_pieces(self, item: str, pieces: int) -> Self:
        """Return the visit with so many pieces of a product in the cart."""
        cart = {**self.cart, item: min(pieces, _MOST)}
        return replace(self, cart={item: n for item, n in list(cart.items())[-_MOST:] if n > 0})

    def then(self, address: str) -> Response:
        """Return a redirect that leaves the visit in the browser's cookies."""
        response = RedirectResponse(address, 303)
        cookies = {
            _CART: json.dumps(self.cart) if self.cart else "",
            _USER: self.user,
            _CONSENT: self.consent,
            _ORDER: f"{self.order_id} {json.dumps(self.order)}" if self.order else "",
        }
        for name, value in cookies.items():
            if value:
                response.set_cookie(name, quote(value), path="/shop", httponly=True, samesite="lax")
            else:
                response.delete_cookie(name, path="/shop")
        return response


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent."""
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0].strip()[:256] for name, values in sent.items()}


def pieces_of(text: str, default: int = 1) -> int:
    """Return a number of pieces as it was typed."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else default


def _lines(text: str) -> dict[str, int]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {item: n for item, n in found.items() if type(n) is int and 0 < n <= _MOST}
