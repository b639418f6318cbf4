"""The page of the model's versions, and of what was decided about them."""

from __future__ import annotations

from html import escape

from endcap.report.html import section, table
from endcap.serve.live import Live

_MOST = 50


def versions(live: Live) -> str:
    """Return the page's content."""
    models = live.shop.models
    in_use = live.engine.version
    rows = []
    for version in reversed(models.versions()):
        manifest = models.manifest(version)
        parameters = ", ".join(f"{name}={value}" for name, value in manifest["parameters"].items())
        rows.append((version, [escape(str(manifest["class"])), escape(parameters)]))
    there = table("The one in use is marked", ("version", "model", "parameters"), rows, best=in_use, text=(1, 2))
    decided = [
        (
            one.at[:19].replace("T", " "),
            [escape(one.action), escape(one.version or ""), escape(one.reason), _checks(one.checks)],
        )
        for one in reversed(models.decisions()[-_MOST:])
    ]
    log = table("Newest first", ("time", "decision", "version", "why", "checks"), decided, text=(1, 2, 3, 4))
    return section("versions", "Versions", there) + section("decisions", "Decisions", log)


def _checks(checks: list[dict[str, object]]) -> str:
    if not checks:
        return ""
    items = "".join(f"<li>{'✓' if one['passed'] else '✗'} {escape(str(one['told']))}</li>" for one in checks)
    return f"<details><summary>{len(checks)} checks</summary><ul>{items}</ul></details>"
