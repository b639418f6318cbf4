"""What all pages of the dashboard have around them."""

from __future__ import annotations

from html import escape

PAGES = {
    "/": "Today",
    "/arrivals": "Events",
    "/shopper": "Look as a shopper",
    "/models": "Models",
    "/experiments": "Experiments",
    "/monitors": "Monitors",
    "/doctor": "Data doctor",
    "/audit": "Log",
}
"""The pages by their paths, in the order of the menu."""
_LOG_OUT = '<form class="out" method="post" action="/logout"><button>Log out</button></form>'


def page(shop: str, title: str, body: str, *, here: str = "", logged_in: bool = False) -> str:
    """Return a whole page; `body` is HTML, everything else is escaped. Where `here` is empty there is no menu."""
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{escape(name)}</a>'
        for path, name in PAGES.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: {escape(shop)}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/dashboard.css">'
        '<script src="/assets/dashboard.js" defer></script></head>'
        '<body><a class="skip" href="#main">Skip to the content</a>'
        f'<header><p class="shop">{escape(shop)}</p><h1>{escape(title)}</h1>'
        + (f'<nav aria-label="Pages">{links}{_LOG_OUT if logged_in else ""}</nav>' if here else "")
        + "</header>"
        f'<main id="main">{body}</main><footer>Endcap. Times are in UTC.</footer></body></html>'
    )
