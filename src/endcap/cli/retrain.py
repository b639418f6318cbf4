"""`endcap retrain`: training for a timetable; through the gate, in few words."""

from __future__ import annotations

from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, progress_bars, report_recipe

NAME = "retrain"
EXAMPLE = "endcap retrain --shop myshop/ --minutes 20"


def run(
    shop: ShopOption = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0, help="As for `endcap train`. Default: as endcap.toml says, else 5.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of samples and searches.")] = 0,
    json: JsonOption = False,
) -> None:
    """Train on the events there are now, and put the model to use where the gate lets it pass; for cron.

    Where a version was trained on these very events already, nothing is done. The exit code is 0 whether the new model
    is promoted or kept: the model in use is good either way. `endcap models log` has the decisions.
    """
    from endcap.cli.gate import golden_rows, outcome
    from endcap.promotion import trained_already

    the_shop = open_shop(shop)
    known = trained_already(the_shop)
    if known is not None:
        if json:
            print_json({"version": known, "promoted": False, "in_use": the_shop.models.champion(), "nothing_new": True})
        else:
            out.print(f"Nothing new since {known}; in use: {the_shop.models.champion()}", markup=False)
        return
    with progress_bars(quiet=json) as progress:
        done = the_shop.train(minutes=minutes, seed=seed, progress=progress)
    in_use = the_shop.models.champion()
    if json:
        golden = golden_rows(the_shop, done)
        print_json({**outcome(done), "in_use": in_use, "nothing_new": False, "golden": golden})
        return
    report_recipe(the_shop)
    what = "Promoted" if done.promoted else "Kept, not in use"
    out.print(f"{what}: {done.version} ({done.reason})", markup=False, soft_wrap=True)
    if not done.promoted:
        out.print(f"In use as before: {in_use}", markup=False)
