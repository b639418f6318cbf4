"""The page that looks at the shop with a shopper's eyes."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from endcap.data.vocabulary import Id
from endcap.errors import EndcapError
from endcap.recommend.request import Request
from endcap.serve.live import Live

_SHOWN = 8
_ASKED_FOR = ("similar-items", "frequently-bought-together", "cart")


def shopper(live: Live, user: str, item: str, surface: str, filter: str, diversity: float) -> str:
    """Return the page's content: every surface's answer or, of one, the usual answer beside the changed one."""
    form = _form(live, user, item, surface, filter, diversity)
    try:
        who = live.id_of(user) if user else None
        on_page = [live.id_of(item, item=True)] if item else []
        asked: dict[str, Any] = {"context_items": on_page, "k": _SHOWN}
        changed = {**asked, "filter": filter, "diversity": diversity or None}
        if surface:
            cards = [
                _answer(live, "As the surface says", live.request(who, surface=surface, **asked)),
                _answer(live, "With your filter and diversity", live.request(who, surface=surface, **changed)),
            ]
        else:
            names = [name for name in live.engine.surfaces if on_page or name not in _ASKED_FOR]
            cards = [
                _answer(
                    live, name, live.request(who, surface=name, filter=filter, diversity=diversity or None, **asked)
                )
                for name in names
            ]
        history = _history(live, who) if who is not None else ""
    except EndcapError as error:
        return f'{form}<p class="problem" role="alert">{escape(str(error))}</p>'
    return f'{form}<div class="shoppers above">{"".join(cards)}{history}</div>'


def _form(live: Live, user: str, item: str, surface: str, filter: str, diversity: float) -> str:
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == surface else ""}>'
        f"{escape(name or 'all of them')}</option>"
        for name in ("", *live.engine.surfaces)
    )
    return (
        '<form class="ask" method="get">'
        f'<label>Shopper<input name="user" value="{escape(user)}"></label>'
        f'<label>Product of the page<input name="item" value="{escape(item)}"></label>'
        f'<label>Surface<select name="surface">{options}</select></label>'
        '<label>Diversity<input name="diversity" type="number" min="0" max="1" step="0.1" '
        f'value="{diversity:g}"></label>'
        f'<label class="wide">Filter<input name="filter" value="{escape(filter)}" placeholder="price &lt; 20"></label>'
        "<button>Look</button></form>"
    )


def _answer(live: Live, title: str, request: Request) -> str:
    engine = live.engine_for(request)
    answer = engine.answer(request)
    because = engine.because(request, answer.results)
    lines = "".join(
        f"<li><span>{escape(_name(live, result.item))}</span>"
        f"<small>{escape(_why(live, result.source, result.item, own))}</small></li>"
        for result, own in zip(answer.results, because, strict=True)
    )
    if request.assigned is not None:
        title += f" ({request.assigned.experiment}: {request.assigned.variant})"
    return f'<section class="card"><h3>{escape(title)}</h3><ol>{lines}</ol></section>'


def _why(live: Live, source: str, item: Id, because: list[Id]) -> str:
    if because[:1] == [item]:
        return f"{source}: the shopper takes it again and again"
    names = " and ".join(_name(live, one) for one in because if one != item)
    return f"{source}: because of {names}" if names else source


def _history(live: Live, user: Id) -> str:
    request = live.request(user, surface="recently-viewed", k=_SHOWN)
    seen = live.engine.answer(replace(request, assigned=None)).results  # the history itself, whatever is tried out
    own = [result for result in seen if result.source == "viewed"]
    lines = "".join(f"<li>{escape(_name(live, result.item))}</li>" for result in own)
    lines = lines or "<li>nothing yet</li>"
    return f'<section class="card"><h3>What the shopper did, the latest first</h3><ul>{lines}</ul></section>'


def _name(live: Live, item: Id) -> str:
    shelf = live.engine.shelf
    row = shelf.row_of.get(item)
    title = None if row is None else shelf.product(row).get("title")
    return str(item) if title is None else f"{title} ({item})"
