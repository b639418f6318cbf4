"""`endcap train`: the best model for the shop, found and fitted."""

from __future__ import annotations

from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, progress_bars, report_recipe

NAME = "train"
EXAMPLE = "endcap train --shop myshop/"


def run(
    shop: ShopOption = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="How long trying and tuning models may take; 0: the best of a few with their defaults. "
            "Default: as endcap.toml says, else 5.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Put the model to use whatever the gate says.")] = False,
    seed: Annotated[int, typer.Option(help="Of samples and searches.")] = 0,
    json: JsonOption = False,
) -> None:
    """Try and tune the models that suit the data on past weeks, fit the best on all events, and put it to use.

    A model that is in use is only replaced where the data are sound and the new one isn't worse: the gate.
    """
    from endcap.cli.comparison import print_comparison
    from endcap.cli.contest import print_contest
    from endcap.cli.gate import golden_rows, outcome, print_golden, print_outcome

    the_shop = open_shop(shop)
    with progress_bars(quiet=json) as progress:
        done = the_shop.train(minutes=minutes, force=force, seed=seed, progress=progress)
    if json:
        print_json(
            {
                **outcome(done),
                "remarks": done.remarks,
                "set_aside": the_shop.set_aside,
                "comparison": done.to_dict(),
                "golden": golden_rows(the_shop, done),
            }
        )
        return
    report_recipe(the_shop)
    if done.choice is not None:
        print_contest(done.choice)
        out.print("\nOn the newest events, which nothing was chosen by:", style="bold")
    if done.comparison is not None:
        print_comparison(done.comparison)
    for remark in done.remarks:
        out.print("[yellow]Note:[/] ", end="")
        out.print(remark, markup=False)
    print_golden(the_shop, done)
    print_outcome(done)
    out.print("Next: [bold]endcap recommend --user ID[/], or [bold]endcap recommend --all -o recs.parquet[/]")
