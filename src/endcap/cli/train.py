"""`endcap train`: the best model for the shop, found and fitted."""

from __future__ import annotations

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_json, progress_bars, report_recipe

NAME = "train"
EXAMPLE = "endcap train --shop myshop/"


def run(shop: ShopOption = None, json: JsonOption = False) -> None:
    """Try the candidate models on the newest events, and fit the best of them on all."""
    from endcap.cli.comparison import print_comparison

    the_shop = open_shop(shop)
    with progress_bars(quiet=json) as progress:
        done = the_shop.train(progress=progress)
    if json:
        compared = done.comparison.to_dict() if done.comparison is not None else None
        print_json(
            {"version": done.version, "remarks": done.remarks, "set_aside": the_shop.set_aside, "comparison": compared}
        )
        return
    report_recipe(the_shop)
    if done.comparison is not None:
        print_comparison(done.comparison)
    for remark in done.remarks:
        out.print(f"[yellow]Note:[/] {remark}")
    out.print(f"\nIn use: [bold]{done.version}[/], fitted on all events.")
    out.print("Next: [bold]endcap recommend --user ID[/], or [bold]endcap recommend --all -o recs.parquet[/]")
