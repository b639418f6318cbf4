"""`endcap models`: the versions of the model, which one is in use, and how it came to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from endcap.cli.output import JsonOption, ShopOption, open_shop, out, print_frame, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from endcap.shop import Shop
    from endcap.store.decisions import Decision
    from endcap.store.models import ModelRegistry

NAME = "models"
EXAMPLE = "endcap models list --shop myshop/"

app = typer.Typer(
    name=NAME,
    help="The versions of the model: which there are, which one is in use, and why.",
    epilog=f"Example: `{EXAMPLE}`",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Version = Annotated[
    str, typer.Argument(help="A version, or the beginning of its name if that is enough.", show_default=False)
]
Reason = Annotated[str, typer.Option(help="Why; it is written down.")]


@app.command("list")
def list_(shop: ShopOption = None, json: JsonOption = False) -> None:
    """List the versions, oldest first."""
    import polars as pl

    the_shop = open_shop(shop)
    rows = [_summary(the_shop, version) for version in the_shop.models.versions()]
    if json:
        print_json(rows)
    elif not rows:
        out.print("No model yet; train one: endcap train")
    else:
        table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
            pl.when("in_use").then(pl.lit("in use")).otherwise(pl.lit("")).alias("in_use"),
            pl.when("pinned").then(pl.lit("pinned")).otherwise(pl.lit("")).alias("pinned"),
        )
        print_frame(table)


@app.command()
def show(version: Version, shop: ShopOption = None, json: JsonOption = False) -> None:
    """Show what a version is, what it was trained on, how good it was, and what was decided about it."""
    from endcap.cli.gate import print_checks

    the_shop = open_shop(shop)
    name = _find(the_shop, version)
    manifest = the_shop.models.manifest(name)
    about = [one for one in the_shop.models.decisions() if one.version == name]
    if json:
        print_json({**_summary(the_shop, name), "manifest": manifest, "decisions": [vars(one) for one in about]})
        return
    out.print(name, style="bold", markup=False)
    for what, value in _told(_summary(the_shop, name), manifest).items():
        out.print(f"  {what}: {value}", markup=False)
    for one in about:
        out.print(_line(one), markup=False)
        print_checks(one.checks)


@app.command()
def compare(
    first: Version,
    second: Version,
    shop: ShopOption = None,
    user: Annotated[
        list[str] | None,
        typer.Option(
            help="A shopper to look at; may be repeated. Default: the golden ones of endcap.toml, or two typical ones.",
            show_default=False,
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many products.")] = 10,
    json: JsonOption = False,
) -> None:
    """Put two versions side by side: their figures, and what they show to some shoppers."""
    import polars as pl

    from endcap.cli.gate import print_side_by_side
    from endcap.golden import side_by_side

    the_shop = open_shop(shop)
    names = [_find(the_shop, one) for one in (first, second)]
    shoppers = user or the_shop.config.train.golden or the_shop.typical_shoppers()
    table = side_by_side(the_shop, *names, shoppers=shoppers, k=k)
    versions = [_summary(the_shop, one) for one in names]
    if json:
        print_json({"versions": versions, "shoppers": table.to_dicts()})
        return
    print_frame(pl.DataFrame(versions, infer_schema_length=None))
    print_side_by_side(table, *names)


@app.command()
def promote(version: Version, shop: ShopOption = None, reason: Reason = "by hand", json: JsonOption = False) -> None:
    """Put a version to use."""
    _decide(shop, version, lambda models, name: models.promote(name, reason), "In use", json)


@app.command()
def rollback(shop: ShopOption = None, reason: Reason = "by hand", json: JsonOption = False) -> None:
    """Put the version to use again that was in use before."""
    the_shop = open_shop(shop)
    name = the_shop.models.rollback(reason)
    _say(the_shop, f"In use again: {name}", json)


@app.command()
def pin(version: Version, shop: ShopOption = None, reason: Reason = "by hand", json: JsonOption = False) -> None:
    """See that a version is never removed."""
    _decide(shop, version, lambda models, name: models.pin(name, reason), "Pinned", json)


@app.command()
def unpin(version: Version, shop: ShopOption = None, reason: Reason = "by hand", json: JsonOption = False) -> None:
    """Let a version be removed when it is old."""
    _decide(shop, version, lambda models, name: models.unpin(name, reason), "No longer pinned", json)


@app.command()
def log(shop: ShopOption = None, json: JsonOption = False) -> None:
    """Show what was decided about models so far, oldest first."""
    decisions = open_shop(shop).models.decisions()
    if json:
        print_json([vars(one) for one in decisions])
        return
    for one in decisions:
        out.print(_line(one), markup=False, soft_wrap=True)


def _decide(
    shop: ShopOption, version: str, decision: Callable[[ModelRegistry, str], None], told: str, json: bool
) -> None:
    the_shop = open_shop(shop)
    name = _find(the_shop, version)
    decision(the_shop.models, name)
    _say(the_shop, f"{told}: {name}", json)


def _find(shop: Shop, text: str) -> str:
    """Return the version that is called so, or the only one whose name begins so."""
    from endcap.errors import ShopError

    versions = shop.models.versions()
    found = [text] if text in versions else [one for one in versions if one.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ShopError(f"several versions begin with {text!r}: {', '.join(found)}")
    raise ShopError(f"there is no version {text!r}; there are: {', '.join(versions) or 'none'}")


def _summary(shop: Shop, version: str) -> dict[str, Any]:
    from endcap.automatic.gate import ACCURACY, SNAPSHOT

    manifest = shop.models.manifest(version)
    measured, trained = manifest["metrics"].get(ACCURACY, {}), manifest["metrics"].get(SNAPSHOT, {})
    return {
        "version": version,
        "in_use": version == shop.models.in_use(),
        "pinned": version in shop.models.pinned(),
        "ndcg": measured.get("ndcg"),
        "low": measured.get("low"),
        "high": measured.get("high"),
        "k": measured.get("k"),
        "events": trained.get("events"),
        "users": manifest["data"]["users"],
        "items": manifest["data"]["items"],
        "newest": None if trained.get("newest") is None else trained["newest"][:16],
        "saved_at": manifest["saved_at"],
    }


def _told(summary: dict[str, Any], manifest: dict[str, Any]) -> dict[str, str]:
    used = "in use" if summary["in_use"] else "not in use"
    data = manifest["data"]
    parameters = ", ".join(f"{name}={value!r}" for name, value in manifest["parameters"].items())
    told = {
        "state": used + (", pinned" if summary["pinned"] else ""),
        "saved": summary["saved_at"],
        "model": f"{manifest['class']}({parameters})",
        "trained on": f"{data['users']:,} shoppers, {data['items']:,} products, {data['pairs']:,} pairs",
        "data fingerprint": data["fingerprint"],
    }
    if summary["events"] is not None:
        told["trained on"] += f", {summary['events']:,} events until {summary['newest']}"
    if summary["ndcg"] is not None:
        told[f"NDCG@{summary['k']} on the newest weeks then"] = (
            f"{summary['ndcg']:.4f} ({summary['low']:.4f} to {summary['high']:.4f})"
        )
    if manifest["metrics"].get("remarks"):
        told["remarks"] = "; ".join(manifest["metrics"]["remarks"])
    return told


def _line(decision: Decision) -> str:
    version = decision.version or "(no version)"
    before = "" if decision.before in (None, decision.version) else f", in use before: {decision.before}"
    return f"{decision.at}  {decision.action}  {version}{before}: {decision.reason}"


def _say(shop: Shop, told: str, json: bool) -> None:
    if json:
        print_json({"in_use": shop.models.champion(), "pinned": shop.models.pinned()})
    else:
        out.print(told, markup=False)
