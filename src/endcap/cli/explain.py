"""`endcap explain`: why a product is recommended to a shopper."""

from __future__ import annotations

from typing import Annotated

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_frame, print_json

NAME = "explain"
EXAMPLE = "endcap explain --user 42 --item SKU-1"


def run(
    user: Annotated[str, typer.Option(help="The shopper.", show_default=False)],
    item: Annotated[str, typer.Option(help="The product.", show_default=False)],
    shop: ShopOption = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many of the shopper's own products to name.")] = 10,
    json: JsonOption = False,
) -> None:
    """Show which of the shopper's own products led to a recommendation, and by how much."""
    from endcap.shop import as_id

    the_shop = open_shop(shop)
    data = the_shop.model.interactions_
    table = the_shop.explain(as_id(user, is_text=data.users.is_text), as_id(item, is_text=data.items.is_text))
    if json:
        print_json(table.to_dicts())
    elif len(table) == 0:
        name = type(the_shop.model).__name__
        out.print(
            f"Nothing {user} bought led to {item}: {name} shows it for other reasons, or not at all.", markup=False
        )
    else:
        print_frame(table.head(k))
        if len(table) > k:
            rest = table["contribution"][k:].sum()
            out.print(f"... and {len(table) - k} more, {rest:.4f} in all")
