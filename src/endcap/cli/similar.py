"""`endcap similar`: products like one product."""

from __future__ import annotations

from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_frame, print_json

NAME = "similar"
EXAMPLE = "endcap similar SKU-1 -k 5"


def run(
    item: Annotated[str, typer.Argument(help="The product.", show_default=False)],
    shop: ShopOption = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many products.")] = 10,
    json: JsonOption = False,
) -> None:
    """Show the products most like one product."""
    from endcap.shop import as_id

    the_shop = open_shop(shop)
    table = the_shop.similar(as_id(item, is_text=the_shop.model.interactions_.items.is_text), k=k)
    if json:
        print_json(table.to_dicts())
    elif len(table) == 0:
        out.print(f"{type(the_shop.model).__name__} knows of nothing like {item}.", markup=False)
    else:
        print_frame(table)
