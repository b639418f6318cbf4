"""`endcap doctor`: what is wrong with the shop's data, how to mend it, and what they are good for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, report_recipe

if TYPE_CHECKING:
    from endcap.doctor.diagnose import Diagnosis

NAME = "doctor"
EXAMPLE = "endcap doctor --clean"


def run(
    shop: ShopOption = None,
    clean: Annotated[bool, typer.Option("--clean", help="Write the proposed cleaning rules into endcap.toml.")] = False,
    json: JsonOption = False,
) -> None:
    """Find bots, till accounts, repeats, wrong clocks, missing days and the like, and say which surfaces are ready."""
    the_shop = open_shop(shop)
    diagnosis = the_shop.diagnose()
    new = the_shop.clean(diagnosis.rules) if clean else []
    if json:
        written = [rule.model_dump(mode="json", exclude_defaults=True) for rule in new]
        print_json({**diagnosis.to_dict(), "set_aside": the_shop.set_aside, "rules_written": written})
        return
    report_recipe(the_shop)
    report_diagnosis(diagnosis)
    if new:
        out.print(
            f"\n{len(new)} rules written into {the_shop.folder / 'endcap.toml'} under clean; the store is as it was."
        )
        out.print("Next: [bold]endcap train[/]")
    elif diagnosis.rules:
        out.print(
            f"\nNext: [bold]endcap doctor --clean[/] sets aside what {len(diagnosis.rules)} of these findings name"
        )


def report_diagnosis(diagnosis: Diagnosis) -> None:
    """Print the findings, then the verdict for each surface."""
    if not diagnosis.findings:
        out.print("Nothing wrong was found.")
    for finding in diagnosis.findings:
        out.print(f"[yellow]{finding.check}:[/] ", end="")
        out.print(finding.what, markup=False)
        out.print(
            f"  for example: {', '.join(f'{name} {value}' for name, value in finding.example.items())}", markup=False
        )
        out.print(f"  remedy: {finding.remedy}", markup=False)
    out.print("\nWhat the data are good for:", style="bold")
    for verdict in diagnosis.surfaces:
        out.print("  [green]✓[/] " if verdict.ready else "  [yellow]·[/] ", end="")
        out.print(str(verdict), markup=False)
