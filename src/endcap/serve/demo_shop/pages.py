"""The shop's pages. What they recommend, and what they tell of the shopper, is `endcap.js`'s work alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Depends, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from endcap.serve.demo_shop.goods import Goods, Product
from endcap.serve.demo_shop.markup import Html, card, fill, listed, page, price
from endcap.serve.demo_shop.visit import Visit, form_of, pieces_of
from endcap.serve.server import TheServer

router = APIRouter(prefix="/shop", include_in_schema=False)

Text = Annotated[str, Query(max_length=256)]


async def _goods(request: Request) -> Goods:
    request.app.state.server.live.refresh()
    goods: Goods = request.app.state.goods
    return goods


TheGoods = Annotated[Goods, Depends(_goods)]


@router.get("")
def home(request: Request, server: TheServer, goods: TheGoods) -> Response:
    """Show what suits the shopper, and what suits everyone."""
    return _page(request, server, goods, "Welcome", fill("home.html"))


@router.get("/p/{item}")
def product(item: str, request: Request, server: TheServer, goods: TheGoods) -> Response:
    """Show a product, what is like it, and what goes with it."""
    found = goods.find(item)
    if found is None:
        raise HTTPException(404, f"the shop has no product {item!r}")
    order = fill("order.html" if found.on_sale else "sold_out.html", item=found.item, price=_number(found))
    body = fill(
        "product.html",
        item=found.item,
        title=found.title,
        type=" > ".join(found.path),
        initial=found.title[:1],
        where=" / ".join(part.capitalize() for part in found.path),
        brand=found.brand,
        price=price(found),
        order=order,
    )
    return _page(request, server, goods, found.title, body)


@router.get("/department")
def department(request: Request, server: TheServer, goods: TheGoods, name: Text = "") -> Response:
    """Show best-sellers and news of one department: a filter on a surface."""
    starts = 'product_type STARTS WITH "{}"'.format(name.replace('"', ""))
    body = fill("department_page.html", name=name.capitalize(), filter=starts)
    return _page(request, server, goods, name.capitalize(), body)


@router.get("/search")
def search(request: Request, server: TheServer, goods: TheGoods, q: Text = "") -> Response:
    """Find products by words; the page then has them put into the shopper's order."""
    found = goods.search(q)
    said = f"{len(found)} products, best-sellers first." if found else f"Nothing has “{q}” in its name."
    body = fill("search.html", said=said, results=Html("".join(map(card, found))))
    return _page(request, server, goods, f"Search: {q}" if q else "Search", body, words=q)


@router.get("/cart")
def cart(request: Request, server: TheServer, goods: TheGoods) -> Response:
    """Show what is in the cart, and what completes it."""
    lines = _lines(goods, Visit.of(request).cart)
    if not lines:
        return _page(request, server, goods, "Your cart", fill("cart_empty.html"))
    total = sum(pieces * (one.price or 0) for one, pieces in lines)
    rows = [
        fill(
            "cart_line.html",
            item=one.item,
            title=one.title,
            type=" > ".join(one.path),
            initial=one.title[:1],
            pieces=pieces,
            number=_number(one),
            price=price(one),
        )
        for one, pieces in lines
    ]
    items = listed([one.item for one, _ in lines])
    body = fill("cart.html", lines=Html("".join(rows)), total=f"${total:,.2f}", items=items)
    return _page(request, server, goods, "Your cart", body)


@router.post("/cart")
async def change_cart(request: Request, goods: TheGoods) -> Response:
    """Put a product into the cart, or take it out."""
    visit, form = Visit.of(request), await form_of(request)
    item = form.get("item", "")
    if goods.find(item) is None:
        raise HTTPException(404, f"the shop has no product {item!r}")
    pieces = 0 if "remove" in form else visit.cart.get(item, 0) + pieces_of(form.get("quantity", ""))
    return visit.with_pieces(item, pieces).then("/shop/cart")


@router.post("/order")
async def order(request: Request) -> Response:
    """Buy what is in the cart."""
    visit = Visit.of(request)
    if not visit.cart:
        return RedirectResponse("/shop/cart", 303)
    return replace(visit, cart={}, order=visit.cart, order_id=f"order-{uuid4().hex[:12]}").then("/shop/thanks")


@router.get("/thanks")
def thanks(request: Request, server: TheServer, goods: TheGoods) -> Response:
    """Show what was bought; the page tells it, once however often it is loaded."""
    visit = Visit.of(request)
    rows = [
        fill("bought.html", item=one.item, title=one.title, pieces=pieces, price=_number(one), order=visit.order_id)
        for one, pieces in _lines(goods, visit.order)
    ]
    if not rows:
        return RedirectResponse("/shop", 303)
    return _page(request, server, goods, "Thank you", fill("thanks.html", lines=Html("".join(rows))))


@router.get("/account")
def account(request: Request, server: TheServer, goods: TheGoods, unknown: Text = "") -> Response:
    """Choose whom to shop as, and show what that household buys again and again."""
    visit = Visit.of(request)
    some = [fill("household.html", user=user) for user in goods.shoppers()]
    problem = f"No household {unknown} is in the data." if unknown else ""
    places = fill("account_places.html") if visit.user else ""
    households = Html("".join(some))
    body = fill("account.html", user=visit.user, households=households, problem=problem, places=places)
    return _page(request, server, goods, f"Household {visit.user}" if visit.user else "Account", body)


@router.post("/account")
async def log_in(request: Request, goods: TheGoods) -> Response:
    """Shop as a household, or as nobody known."""
    visit, user = Visit.of(request), (await form_of(request)).get("household", "")
    if user and not goods.knows(user):
        return RedirectResponse(f"/shop/account?unknown={quote(user)}", 303)
    return replace(visit, user=user).then("/shop/account")


@router.post("/consent")
async def consent(request: Request) -> Response:
    """Keep the answer about consent, which is all that is kept of who says no."""
    answer = (await form_of(request)).get("answer", "")
    return replace(Visit.of(request), consent=answer if answer in {"true", "false"} else "").then("/shop")


def _lines(goods: Goods, cart: dict[str, int]) -> list[tuple[Product, int]]:
    found = ((goods.find(item), pieces) for item, pieces in cart.items())
    return [(one, pieces) for one, pieces in found if one is not None]


def _number(product: Product) -> str:
    return "" if product.price is None else f"{product.price:.2f}"


def _page(
    request: Request, server: TheServer, goods: Goods, title: str, body: Html, *, words: str = ""
) -> HTMLResponse:
    name = server.live.shop.config.name
    return HTMLResponse(page(name, title, body, Visit.of(request), goods.departments(), words=words))
