"""The page that looks at the shop with a shopper's eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from endcap.data.vocabulary import Id
from endcap.errors import EndcapError
from endcap.recommend.request import Request
from endcap.serve.live import Live

_SHOWN = 8
_ASKED_FOR = ("similar-items", "frequently-bought-together", "cart")


@dataclass(frozen=True)
class Look:
    """What the form says."""

    user: str = ""
    item: str = ""
    surface: str = ""
    filter: str = ""
    boost: str = ""
    """A condition."""
    factor: float = 2.0
    """By which what meets it counts more."""
    diversity: float = 0.0

    def changes(self) -> dict[str, Any]:
        """Return what is tried besides what the surface says."""
        boost = {self.boost: self.factor} if self.boost else {}
        return {"filter": self.filter, "boost": boost, "diversity": self.diversity or None}


def shopper(live: Live, look: Look) -> str:
    """Return the page's content: every surface's answer or, of one, the usual answer beside the changed one."""
    form = _form(live, look)
    try:
        who = live.id_of(look.user) if look.user else None
        on_page = [live.id_of(look.item, item=True)] if look.item else []
        asked: dict[str, Any] = {"context_items": on_page, "k": _SHOWN}
        if look.surface:
            usual = live.request(who, surface=look.surface, **asked)
            tried = live.request(who, surface=look.surface, **asked, **look.changes())
            before = [result.item for result in live.engine_for(usual).answer(usual).results]
            cards = [
                _answer(live, "As the surface says", usual),
                _answer(live, "With what you try", tried, before=before),
            ]
        else:
            names = [name for name in live.engine.surfaces if on_page or name not in _ASKED_FOR]
            cards = [_answer(live, name, live.request(who, surface=name, **asked, **look.changes())) for name in names]
        history = _history(live, who) if who is not None else ""
    except EndcapError as error:
        return f'{form}<p class="problem" role="alert">{escape(str(error))}</p>'
    return f'{form}<div class="shoppers above">{"".join(cards)}{history}</div>'


def _form(live: Live, look: Look) -> str:
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == look.surface else ""}>'
        f"{escape(name or 'all of them')}</option>"
        for name in ("", *live.engine.surfaces)
    )
    return (
        '<form class="ask" method="get">'
        f'<label>Shopper<input name="user" value="{escape(look.user)}" placeholder="an id, or nobody"></label>'
        f'<label>Product of the page<input name="item" value="{escape(look.item)}"></label>'
        f'<label>Surface<select name="surface">{options}</select></label>'
        '<label>Diversity<input name="diversity" type="number" min="0" max="1" step="0.1" '
        f'value="{look.diversity:g}"></label>'
        '<label class="wide">Filter: show only'
        f'<input name="filter" value="{escape(look.filter)}" placeholder="price &lt; 20"></label>'
        '<label class="wide">Boost: show more of'
        f'<input name="boost" value="{escape(look.boost)}" placeholder="brand = &quot;Ours&quot;"></label>'
        '<label>times<input name="factor" type="number" min="0" max="1000" step="any" '
        f'value="{look.factor:g}"></label>'
        "<button>Look</button></form>"
    )


def _answer(live: Live, title: str, request: Request, *, before: Sequence[Id] | None = None) -> str:
    engine = live.engine_for(request)
    answer = engine.answer(request)
    if request.assigned is not None:
        title += f" ({request.assigned.experiment}: {request.assigned.variant})"
    because = engine.because(request, answer.results)
    lines = "".join(
        f"<li><span>{escape(_name(live, result.item))}{_moved(result.item, place, before)}</span>"
        f"<small>{escape(_why(live, result.source, result.item, own))}</small></li>"
        for place, (result, own) in enumerate(zip(answer.results, because, strict=True))
    )
    gone = [item for item in before or () if item not in {result.item for result in answer.results}]
    left = f"<p><small>No longer: {escape(', '.join(_name(live, item) for item in gone))}</small></p>" if gone else ""
    nothing = "" if lines else "<p>Nothing: no product passes.</p>"
    return f'<section class="card"><h3>{escape(title)}</h3><ol>{lines}</ol>{nothing}{left}</section>'


def _moved(item: Id, place: int, before: Sequence[Id] | None) -> str:
    """Return how a product's place differs from the one before; nothing where it doesn't, or nothing is compared."""
    if before is None:
        return ""
    if item not in before:
        return ' <b class="moved">new</b>'
    up = list(before).index(item) - place
    return f' <b class="moved">{"▲" if up > 0 else "▼"} {abs(up)}</b>' if up else ""


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
