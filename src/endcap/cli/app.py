"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from endcap import __version__
from endcap.cli import (
    demo,
    doctor,
    evaluate,
    experiments,
    explain,
    explore,
    export,
    forget,
    import_,
    init,
    keys,
    models,
    monitor,
    performance,
    recommend,
    retrain,
    serve,
    similar,
    train,
    tune,
)

app = typer.Typer(
    name="endcap",
    help="From a file of orders to product recommendations that are proven to work.\n\n"
    "Start with `endcap demo`, or with your own orders: `endcap init myshop/ orders.csv`.",
    epilog="Exit codes: 0 done, 2 wrong usage, 3 the data can't be used, 4 no such shop or model, 5 unknown user or "
    "item, 6 can't write, 7 a monitor is in alarm, 130 stopped by Ctrl-C.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"endcap {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del version


for module in (
    demo,
    init,
    import_,
    doctor,
    explore,
    train,
    retrain,
    evaluate,
    tune,
    recommend,
    similar,
    explain,
    serve,
    keys,
    performance,
    monitor,
    export,
    forget,
):
    app.command(module.NAME, epilog=f"Example: `{module.EXAMPLE}`")(module.run)
app.add_typer(models.app)
app.add_typer(experiments.app)
