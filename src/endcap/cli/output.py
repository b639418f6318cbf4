"""What the commands have in common: tables, progress, JSON, the shop they are about."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import polars as pl

    from endcap.models.base import Progress
    from endcap.shop import Shop

_WIDTH_OF_A_FILE = 160  # where nobody's terminal sets it, tables aren't squeezed into 80 columns

out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE)
err = Console(stderr=True, highlight=False)

ShopOption = Annotated[
    Path | None,
    typer.Option("--shop", help="The shop's folder. Default: this one, or the one shop in it.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read, and nothing else.")]


def error_line(message: str) -> None:
    """Say what went wrong, on standard error."""
    err.print("[bold red]error:[/] ", end="")
    err.print(message, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as JSON: one line for a program, times and ids as text or numbers."""
    sys.stdout.write(json.dumps(value, default=str, ensure_ascii=False) + "\n")


def open_shop(folder: Path | None) -> Shop:
    """Return the shop of `--shop`, of the current folder or one above it, or the only one inside it."""
    from endcap.config import FILE_NAME
    from endcap.errors import ShopError
    from endcap.shop import Shop

    if folder is not None:
        return Shop(folder)
    here = Path.cwd()
    for place in (here, *here.parents):
        if (place / FILE_NAME).is_file():
            return Shop(place)
    inside = [file.parent for file in sorted(here.glob(f"*/{FILE_NAME}"))]
    if len(inside) == 1:
        err.print(f"[dim]shop: {inside[0].name}/[/]")
        return Shop(inside[0])
    if inside:
        names = ", ".join(f"{place.name}/" for place in inside)
        raise ShopError(f"several shops here: {names}; say which with --shop")
    raise ShopError(f"no shop here: no {FILE_NAME} in this folder; make one: endcap init myshop/ orders.csv")


def report_recipe(shop: Shop) -> None:
    """Say how many events each cleaning rule set aside: cleaning is never silent."""
    for rule, count in zip(shop.config.clean, shop.set_aside, strict=False):
        out.print(f"[yellow]Set aside by the rule {rule.rule}:[/] {count:,} events ", end="")
        out.print(f"({rule.why})" if rule.why else "", markup=False)


@contextmanager
def progress_bars(*, quiet: bool = False) -> Iterator[Progress]:
    """Show long work on standard error while it goes on: one line for each thing that is being done."""
    if quiet or not err.is_terminal:
        yield lambda what, share: None
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=1.0)
            bars.update(tasks[what], completed=share)

        yield show


def print_frame(frame: pl.DataFrame, *, title: str | None = None, digits: int = 4) -> None:
    """Print a table, numbers aligned to the right."""
    table = Table(
        title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0)
    )
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*(_cell(value, digits) for value in row))
    out.print(table)


def _cell(value: Any, digits: int) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    if isinstance(value, list):
        return escape(", ".join(str(v) for v in value))
    return escape(str(value))
