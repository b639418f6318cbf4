"""`endcap recommend`: products for one shopper, or for all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_frame, print_json

NAME = "recommend"
EXAMPLE = "endcap recommend --user 42 -k 5"


def run(
    shop: ShopOption = None,
    user: Annotated[list[str] | None, typer.Option(help="A shopper; may be repeated.", show_default=False)] = None,
    history: Annotated[
        str | None, typer.Option(help="For a visitor: product ids with commas, oldest first.", show_default=False)
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every shopper there is.")] = False,
    k: Annotated[int, typer.Option("-k", min=1, help="How many products.")] = 10,
    repeats: Annotated[
        bool | None,
        typer.Option(
            help="Whether what a shopper had before may come. Default: as in the comparison.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write a .parquet, .csv or .jsonl file.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Recommend products, each with its reason."""
    from endcap.cli.tables import write_table
    from endcap.errors import ParameterError
    from endcap.shop import as_id

    if (user is not None) + (history is not None) + everyone != 1:
        raise ParameterError("say for whom: --user ID, --history ITEM,ITEM or --all")
    the_shop = open_shop(shop)
    data = the_shop.model.interactions_
    users = None if user is None else [as_id(u, is_text=data.users.is_text) for u in user]
    items = (
        None
        if history is None
        else [as_id(i.strip(), is_text=data.items.is_text) for i in history.split(",") if i.strip()]
    )
    table = the_shop.recommend(users, history=items, k=k, repeats=repeats)
    if output is not None:
        write_table(table, output)
        if not json:
            shoppers = table["user_id"].n_unique() if "user_id" in table.columns else 1
            out.print(f"{len(table):,} recommendations for {shoppers:,} shoppers in [bold]{output}[/]")
            return
    if json:
        print_json(table.to_dicts())
    else:
        print_frame(table)
