"""Markup of the shop's pages: templates filled with escaped text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import quote

from endcap.serve.demo_shop.goods import Product
from endcap.serve.demo_shop.visit import Visit

_LABELS: Final = {"DRUG GM": "Drugstore", "MEAT-PCKGD": "Packaged meat"}  # as a shopper would say
_PLACE = re.compile(r"<(?:div|main|tr|form)\b[^>]*\bdata-endcap[^>]*>")


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def fill(template: str, /, **values: object) -> Html:
    """Return a template with values in it, escaped unless they are markup."""
    texts = {key: value if isinstance(value, Html) else escape(str(value)) for key, value in values.items()}
    return Html(_template(template).substitute(texts))


def page(shop: str, title: str, body: Html, visit: Visit, departments: Sequence[str], *, words: str = "") -> Html:
    """Return a whole page around its content."""
    links = Html(
        "".join(
            fill("department.html", address=quote(name), label=_LABELS.get(name, name.capitalize()))
            for name in departments
        )
    )
    return fill(
        "shell.html",
        shop=shop,
        title=title,
        body=body,
        departments=links,
        words=words,
        pieces=sum(visit.cart.values()) or Html(""),
        who=f"Household {visit.user}" if visit.user else "Account",
        consent=visit.consent,
        user=visit.user,
        banner="" if visit.consent else fill("consent.html"),
        markup="\n".join(dict.fromkeys(_PLACE.findall(body))),
    )


def card(product: Product) -> Html:
    """Return a product as one of a list."""
    return fill(
        "card.html",
        item=product.item,
        title=product.title,
        type=" > ".join(product.path),
        initial=product.title[:1],
        price=price(product),
    )


def price(product: Product) -> Html:
    """Return what a product costs."""
    if product.price is None:
        return Html("")
    now = f"${product.price:,.2f}"
    return Html(now if product.regular is None else f"<ins>{now}</ins> <del>${product.regular:,.2f}</del>")


def listed(items: Sequence[object]) -> str:
    """Return ids as a place of `endcap.js` takes them."""
    texts = [str(item) for item in items]
    return json.dumps(texts) if any("," in text or text.startswith("[") for text in texts) else ",".join(texts)


@cache
def _template(name: str) -> Template:
    return Template((files("endcap.serve.demo_shop") / "templates" / name).read_text("utf-8"))
