"""`endcap experiments`: what is tried out on shoppers, what came of it, and how long it takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_frame, print_json

if TYPE_CHECKING:
    from endcap.experiments import Plan
    from endcap.monitor.experiment import Result

NAME = "experiments"
EXAMPLE = "endcap experiments power --lift 2%"

app = typer.Typer(
    name=NAME,
    help="Experiments: variants of a surface on real shoppers, what came of them, and how long one takes.",
    epilog=f"Example: `{EXAMPLE}`",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
_LIFTS = (0.01, 0.02, 0.05, 0.1, 0.2)


@app.command("list")
def list_(shop: ShopOption = None, json: JsonOption = False) -> None:
    """List the experiments of endcap.toml with what can be said of each now."""
    from endcap.experiments import results
    from endcap.monitor.words import verdict

    found = results(open_shop(shop))
    if json:
        print_json([one.to_dict() for one in found])
        return
    if not found:
        out.print(
            "No experiment is declared. Write a section \\[experiments.NAME] into endcap.toml; the guide shows how."
        )
    for one in found:
        out.print(f"[bold]{one.name}[/]{'' if one.experiment.running else ' (over)'}", end=" ")
        out.print(f"{_since(one)}: {verdict(one)}", markup=False)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The experiment; holdout is the whole system.", show_default=False)],
    shop: ShopOption = None,
    json: JsonOption = False,
) -> None:
    """Show the variants side by side, the differences with always-valid intervals, and the verdict."""
    import polars as pl

    from endcap.experiments import result
    from endcap.monitor.words import verdict

    found = result(open_shop(shop), name)
    if json:
        print_json(found.to_dict())
        return
    out.print(f"{name}: {_since(found)}", style="bold", markup=False)
    print_frame(found.variants.with_columns(pl.col("planned").round(4)))
    for gain in found.gains:
        middle, low, high = gain.relative
        told = (
            "too early to say" if math.isnan(low) else f"{middle:+.2%} (always-valid 95 %: {low:+.2%} to {high:+.2%})"
        )
        out.print(f"  {gain.variant}, {gain.metric}: {told}", markup=False)
    out.print(f"  numbers of shoppers as planned: {'yes' if found.is_valid else 'NO'} (p = {found.p_of_ratio:.2g})")
    if found.several:
        out.print(f"  {found.several:,} shoppers saw more than one variant; each counts for the first", markup=False)
    out.print(verdict(found), style="bold", markup=False)


@app.command()
def power(
    name: Annotated[
        str | None,
        typer.Argument(help="An experiment of endcap.toml. Default: two equal variants.", show_default=False),
    ] = None,
    lift: Annotated[
        str | None, typer.Option(help='The change to be found, such as "2%". Default: several.', show_default=False)
    ] = None,
    metric: Annotated[
        Literal["revenue", "conversion", "clicks"] | None,
        typer.Option(help="What is measured. Default: as the experiment says, else revenue.", show_default=False),
    ] = None,
    shop: ShopOption = None,
    json: JsonOption = False,
) -> None:
    """Say how many days it takes to find a change, by the shop's own traffic and spending."""
    from endcap.experiments import plan

    asked = _LIFTS if lift is None else (_share(lift),)
    found = plan(open_shop(shop), name, metric=metric)
    rows = [_row(found, one) for one in asked]
    if json:
        print_json({"metric": found.metric, "traffic": found.source, "lifts": rows})
        return
    out.print(f"From the {found.source}; {found.metric} by shopper, found with 80 % power.", markup=False)
    for row in rows:
        if row["days"] is None:
            out.print(f"at {row['lift']:.1%} lift: more than ten years", markup=False)
        else:
            out.print(f"at {row['lift']:.1%} lift: {row['days']:,} days ({row['shoppers']:,} shoppers)", markup=False)
    for weeks in (1, 2, 4, 8):
        out.print(f"[dim]in {7 * weeks} days: {found.lift(7 * weeks):.1%} lift or more[/]")


def _row(found: Plan, lift: float) -> dict[str, Any]:
    days = found.days(lift)
    return {"lift": lift, "days": days, "shoppers": None if days is None else found.shoppers(days)}


def _share(text: str) -> float:
    """Return "2%", "2 %" or "0.02" as 0.02."""
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 10 or rest.strip():
        raise typer.BadParameter(f"{text!r} is no lift; write it as --lift 2%", param_hint="--lift")
    return share


def _since(found: Result) -> str:
    if found.start is None:
        return "not seen by anybody"
    return f"{found.days:,} days, since {found.start:%Y-%m-%d}"
