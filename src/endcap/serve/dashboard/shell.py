"""What all pages of the dashboard have around them."""

from __future__ import annotations

from html import escape
from importlib.resources import files

_OWN = """
nav { display: flex; gap: 6px 20px; flex-wrap: wrap; margin: 14px 0 0; }
nav a[aria-current] { color: var(--ink); text-decoration: none; font-weight: 600; }
form.ask { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: end; margin: 18px 0 0; }
form.ask label { display: grid; gap: 4px; font-size: .87rem; color: var(--ink-soft); flex: 1 1 150px; }
form.ask label.wide { flex: 3 1 320px; }
input, select, button { font: inherit; color: var(--ink); background: var(--panel); border: 1px solid var(--quiet);
  border-radius: 8px; padding: 7px 10px; width: 100%; }
button { background: var(--accent); color: var(--paper); border-color: var(--accent); width: auto; cursor: pointer; }
.problem { white-space: pre-wrap; font: .9em ui-monospace, "DejaVu Sans Mono", monospace; color: var(--second); }
.bar { display: inline-block; height: .7em; background: var(--accent); border-radius: 2px; vertical-align: baseline; }
"""
PAGES = {"/": "Today", "/models": "Models", "/shopper": "Look as a shopper"}


def page(shop: str, title: str, body: str, *, here: str = "") -> str:
    """Return a whole page; `body` is HTML, everything else is escaped."""
    css = (files("endcap.report") / "page.css").read_text("utf-8")
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{escape(name)}</a>'
        for path, name in PAGES.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: {escape(shop)}</title><style>{css}{_OWN}</style></head>"
        '<body><a class="skip" href="#main">Skip to the content</a>'
        f'<header><p class="shop">{escape(shop)}</p><h1>{escape(title)}</h1>'
        f'<nav aria-label="Pages">{links}</nav></header>'
        f'<main id="main">{body}</main><footer>Endcap. Times are in UTC.</footer></body></html>'
    )
