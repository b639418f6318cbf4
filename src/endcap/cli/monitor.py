"""`endcap monitor`: whether all is well with a shop that is served."""

from __future__ import annotations

import sys

from rich.table import Table

from endcap.cli import EXIT_ALARM
from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json

NAME = "monitor"
EXAMPLE = "endcap monitor --shop myshop/ || mail -s Endcap me@shop.example"

_STYLES = {"alarm": "bold red", "warn": "yellow", "fine": "green", "unknown": "dim"}
_WORDS = {"unknown": "too little to say"}


def run(shop: ShopOption = None, json: JsonOption = False) -> None:
    """Look at all monitors now: what comes in, what is answered, how the model in use stands. For people and for cron.

    The exit code is 7 where a monitor is in alarm, else 0. The limits, and the webhook that is told when an alarm
    begins and ends, are under monitors in endcap.toml.
    """
    from endcap.monitoring import EVERY, look, tell

    the_shop = open_shop(shop)
    found = look(the_shop)
    if the_shop.store.alarms.take_turn(EVERY):  # else a server tells
        tell(the_shop)
    if json:
        print_json([one.to_dict() for one in found])
    else:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for name in ("monitor", "state", "figure", "warns / alarm", "what it says"):
            table.add_column(name, overflow="fold", no_wrap=name in {"monitor", "state"})
        for one in found:
            state = f"[{_STYLES[one.state]}]{_WORDS.get(one.state, one.state)}[/]"
            table.add_row(one.name, state, one.shown, one.threshold, one.told)
        out.print(table)
    if any(one.state == "alarm" for one in found):
        sys.exit(EXIT_ALARM)
