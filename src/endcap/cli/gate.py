"""What came of a training at the gate, in the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from rich.markup import escape

from endcap.cli.output import err, out, print_frame

if TYPE_CHECKING:
    from endcap.shop import Shop, Training


def outcome(done: Training) -> dict[str, Any]:
    """Return what JSON can hold of the decision."""
    return {
        "version": done.version,
        "promoted": done.promoted,
        "before": done.before,
        "reason": done.reason,
        "checks": [one.to_dict() for one in done.checks],
        "also_kept": done.also_kept,
    }


def print_checks(checks: list[dict[str, Any]]) -> None:
    """Print a line for each check of the gate."""
    for one in checks:
        mark = "[green]passed[/]" if one["passed"] else "[red]failed[/]"
        out.print(f"  {mark}  {escape(one['name'])}: {escape(one['told'])}")


def print_outcome(done: Training) -> None:
    """Say whether the new model is in use, and why or why not."""
    if done.checks:
        out.print("\nThe gate before the model in use:", style="bold")
        print_checks([one.to_dict() for one in done.checks])
    if done.also_kept is not None:
        out.print("[yellow]Note:[/] ", end="")
        out.print(done.reason, markup=False)
    if done.promoted:
        out.print(f"\nIn use: [bold]{done.version}[/], fitted on all events.")
        return
    out.print(f"\nKept, not in use: [bold]{done.version}[/]. In use as before: [bold]{done.before}[/]")
    out.print("Put it to use all the same: ", end="")
    out.print(f"endcap models promote {done.version}", markup=False)


def golden_rows(shop: Shop, done: Training) -> list[dict[str, Any]]:
    """Return what the golden shoppers see before and after, for JSON; nothing where there are none."""
    table = _golden(shop, done)
    return [] if table is None else table.to_dicts()


def print_golden(shop: Shop, done: Training) -> None:
    """Print what the golden shoppers see before and after."""
    table = _golden(shop, done)
    if table is not None and done.before is not None:
        print_side_by_side(table, done.before, done.version)


def print_side_by_side(table: pl.DataFrame, before: str, after: str) -> None:
    """Print the lists of two versions, a table for each shopper."""
    from endcap.golden import share_that_stays

    out.print(f"\n{before} (before) and {after} (after), side by side:", style="bold", markup=False)
    for (user,), part in table.group_by("user_id", maintain_order=True):
        shown = part.select(
            "rank",
            pl.coalesce("before_title", "before").alias("before"),
            pl.coalesce("after_title", "after").alias("after"),
            "change",
        )
        print_frame(shown, title=f"{escape(str(user))}: {share_that_stays(part):.0%} stay")


def _golden(shop: Shop, done: Training) -> pl.DataFrame | None:
    from endcap.errors import EndcapError
    from endcap.golden import side_by_side

    versions = shop.models.versions()
    if not shop.config.train.golden or done.before not in versions or done.version not in versions:
        return None
    try:
        return side_by_side(shop, done.before, done.version)
    except EndcapError as error:  # a damaged model of before, an id that is none: the training is done all the same
        err.print("[yellow]The golden shoppers can't be shown:[/] ", end="")
        err.print(str(error), markup=False)
        return None
