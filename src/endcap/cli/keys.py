"""`endcap keys`: who may ask the server for what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json

NAME = "keys"
EXAMPLE = "endcap keys create web --scope events --scope recommend"


def run(
    action: Annotated[str, typer.Argument(help="create, revoke, list, or log: what was done with them.")] = "list",
    name: Annotated[str, typer.Argument(help="What the key is called.", show_default=False)] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="events (send events), recommend (ask for them) or admin (everything); repeatable."),
    ] = None,
    shop: ShopOption = None,
    json: JsonOption = False,
) -> None:
    """Make, revoke or list the keys for the server. A key is shown once; the shop keeps its digest only."""
    keys = open_shop(shop).store.keys
    if action == "list":
        found = [
            {
                "name": key.name,
                "scopes": sorted(key.scopes),
                "made": _time(key.at),
            }
            for key in keys.all().values()
        ]
        if json:
            print_json(found)
        for key in [] if json else found:
            out.print(f"[bold]{key['name']}[/]  {', '.join(key['scopes'])}  [dim]{key['made']} UTC[/]")
        if not found and not json:
            out.print("No keys yet. Make one: [bold]endcap keys create web --scope events --scope recommend[/]")
        return
    if action == "log":
        entries = [{**entry, "at": _time(entry["at"])} for entry in keys.audit(500)]
        if json:
            print_json(entries)
        for entry in [] if json else entries:
            out.print(f"{entry['at']}  {entry['who']}: {entry['action']} {entry['what']}", markup=False)
        return
    if action not in ("create", "revoke") or not name:
        raise typer.BadParameter(
            "it is: endcap keys create NAME, endcap keys revoke NAME, endcap keys list, or endcap keys log"
        )
    if action == "revoke":
        keys.revoke(name)
        keys.note("command line", "revoke key", name)
        out.print(f"The key [bold]{name}[/] is void.")
        return
    secret = keys.create(name, tuple(scope or ()))
    keys.note("command line", "create key", f"{name}: {' '.join(scope or ())}")
    if json:
        print_json({"name": name, "key": secret})
        return
    out.print(f"[bold]{secret}[/]\nKeep it now: it is shown this once. Send it as Authorization: Bearer KEY.")


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1e6, UTC):%F %T}"
