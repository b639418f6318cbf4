"""The page of the doctor's findings."""

from __future__ import annotations

from html import escape
from typing import Any

from endcap.report.html import paragraph, section, table
from endcap.serve.checkup import Checked, Checkup

_AGAIN = '<form class="ask" method="post" action="/doctor"><button>Check again</button></form>'


def doctor(checkup: Checkup) -> str:
    """Return the page's content."""
    last = checkup.last()
    if checkup.running:
        status = paragraph("A check is under way, beside the requests: look again in a moment.", "lead")
        form = '<p><a href="/doctor">Look again</a></p>'
    else:
        when = "Nothing was checked yet." if last is None else f"Checked on {last.at:%Y-%m-%d at %H:%M} UTC."
        status, form = paragraph(when, "lead"), _AGAIN
    problem = f'<p role="alert" class="problem">{escape(checkup.problem)}</p>' if checkup.problem else ""
    return status + problem + form + ("" if last is None else _found(last))


def _found(last: Checked) -> str:
    findings = last.found.get("findings", [])
    cards = "".join(_finding(one) for one in findings)
    told = f'<div class="grid above">{cards}</div>' if findings else paragraph("Nothing wrong was found.")
    ready = [(str(one["surface"]), [escape(str(one["text"]))]) for one in last.found.get("surfaces", [])]
    verdicts = table("What the data are enough for", ("surface", "verdict"), ready, text=(1,)) if ready else ""
    return section("findings", "Findings", told) + section("ready", "Surfaces", verdicts)


def _finding(one: dict[str, Any]) -> str:
    rule = ""
    if one.get("rule"):
        rule = "<p><small>endcap doctor --clean sets these events aside.</small></p>"
    example = ", ".join(f"{name} {value}" for name, value in one.get("example", {}).items())
    return (
        f'<section class="card"><h3>{escape(str(one["check"]))}</h3><p>{escape(str(one["what"]))}</p>'
        f"<p><strong>What to do:</strong> {escape(str(one['remedy']))}</p>"
        + (f"<p><small>For example: {escape(example)}</small></p>" if example else "")
        + f"{rule}</section>"
    )
