"""`endcap tune`: the parameters of a model that suit the shop, and what they are worth."""

from __future__ import annotations

from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, progress_bars, report_recipe

NAME = "tune"
EXAMPLE = "endcap tune ALS --minutes 5 --write"


def run(
    model: Annotated[str, typer.Argument(help="The model's name, such as ALS, or SVD for ratings.")],
    shop: ShopOption = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.01, help="How long the search may take. Default: 5, or no end with --trials.", show_default=False
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="How many parameters are tried, resumed ones included.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of samples and of the search.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last search, also after a kill.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write the parameters into endcap.toml, if they are surely better.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Search a model's parameters on past weeks, and measure on the newest ones what they gain.

    Recommenders are tuned for the order of their lists (NDCG), rating predictors for the error of their estimates
    (RMSE).
    """
    the_shop = open_shop(shop)
    with progress_bars(quiet=json) as progress:
        tuning = the_shop.tune(model, minutes=minutes, trials=trials, seed=seed, resume=resume, progress=progress)
    page = tuning.write(the_shop.folder / "tuning.html", title=the_shop.config.name)
    figures = tuning.write(the_shop.folder / "tuning.json")
    written = tuning.proposed if write else {}
    the_shop.set_parameters(model, written)
    if json:
        files = {"report": str(page), "figures": str(figures)}
        print_json({**files, "written": written, "set_aside": the_shop.set_aside, **tuning.to_dict()})
        return
    report_recipe(the_shop)
    for line in tuning.verdict:
        out.print(line, markup=False)
    out.print(f"\nPage: [bold]{page}[/], figures: [bold]{figures}[/]")
    if written:
        out.print(f"Written into {the_shop.folder / 'endcap.toml'}, models.{model}. Next: [bold]endcap train[/]")
    elif write:
        out.print("Nothing was written: what the model has now is as good.")
    elif tuning.proposed:
        out.print(f"To use the parameters: [bold]endcap tune {model} --resume --write[/]")
