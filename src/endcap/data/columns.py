"""Which column of a source is which: names recognised, or given by the caller."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from endcap.data.schema import (
    ANONYMOUS,
    EVENT,
    EVENT_ID,
    ITEM,
    PRICE,
    QUANTITY,
    RATING,
    SESSION,
    TIME,
    TRANSACTION,
    USER,
)  # fmt: skip
from endcap.errors import DataError

OPTIONS: Final[dict[str, str]] = {
    USER: "user", ITEM: "item", TIME: "time", EVENT: "event", QUANTITY: "quantity", PRICE: "price",
    RATING: "rating", TRANSACTION: "transaction", SESSION: "session", EVENT_ID: "event_id",
    ANONYMOUS: "anonymous",
}  # fmt: skip
"""The option of `read_events` that names the source's column, for every canonical column."""

_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    # A line is a rank: the canonical name first, then names that say it outright, then names that suggest it. Names
    # are compared in lower case without spaces and punctuation.
    USER: (
        "userid",
        "customerid customer_no customernumber customercode customerkey customernr clientid householdid householdkey "
        "hshdnum visitorid fullvisitorid userpseudoid shopperid memberid buyerid consumerid accountid personid "
        "reviewerid custid custno msno uid",
        "user customer client household visitor shopper member buyer consumer reviewer usr cust customeremail email",
    ),
    ITEM: (
        "itemid",
        "productid sku stockcode skuid articleid articleno articlenumber movieid asin parentasin goodsid itemno "
        "itemnumber itemcode productcode productno productnumber productkey productsku variantsku lineitemsku "
        "trackid songid artistid bookid isbn ean gtin upc businessid gameid contentid itemsku prodid pid iid",
        "item product article movie stockitem goods track song",
    ),
    TIME: (
        "timestamp",
        "eventtimestamp transactiontimestamp eventtime eventdate invoicedate orderdate ordertimestamp ordertime "
        "orderedat purchasedate purchasetime purchasetimestamp purchasedat transactiondate transactiondt "
        "transactiontime createdat creationdate createddate createtime reviewdate reviewtime unixreviewtime timedate "
        "datetime occurredat visitdate saledate salesdate tdat purchaseddate shoppingdate",
        "time date ts day dt",
    ),
    EVENT: ("event", "eventtype eventname behavior behaviour behaviortype behaviourtype actiontype interactiontype",
            "action interaction activity"),
    QUANTITY: ("quantity", "qty qtyordered lineitemquantity orderquantity orderqty itemquantity unitssold purchaseqty",
               "units count pieces"),
    PRICE: ("price", "unitprice itemprice lineitemprice priceperunit productprice priceeach", ""),
    RATING: ("rating", "ratingvalue reviewscore reviewrating starrating userrating bookrating reviewoverall",
             "stars overall score"),
    SESSION: ("sessionid", "gasessionid visitid usersession basketsessionid sessionkey", "session"),
    TRANSACTION: (
        "transactionid",
        "invoiceno invoiceid invoicenumber invoice orderid orderno orderreference basketid basketkey ticketid "
        "receiptid receiptno purchaseid checkoutid cartid",
        "ordernumber basket transaction",
    ),
    EVENT_ID: ("eventid", "eventuuid hitid insertid messageid", ""),
    ANONYMOUS: ("anonymousid", "visitorid fullvisitorid userpseudoid gaclientid deviceid cookieid anonid guestid", ""),
}  # fmt: skip


NO_COLUMN: Final = "none"
"""What the caller gives for a column that shall not be used, whatever its name."""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


_RANKS: Final[dict[str, tuple[frozenset[str], ...]]] = {
    column: tuple(frozenset(_plain(word) for word in rank.split()) for rank in ranks)
    for column, ranks in _KNOWN.items()
}


def recognise(names: Sequence[str], given: Mapping[str, str | None], where: str) -> dict[str, str]:
    """Return the source's column for every canonical column that it has.

    Parameters
    ----------
    names
        The columns of the source.
    given
        For a canonical column the caller's choice: the source's column, "none" for none, None to recognise.
    where
        The source, for messages.

    Raises
    ------
    DataError
        Where users or items have no column, a chosen column isn't there, two columns could be meant, or a column
        that is needed is named twice.
    """
    repeated = {name for name, times in Counter(names).items() if times > 1}
    taken = {name for name in given.values() if name}
    mapping: dict[str, str] = {}
    is_canonical = {USER, ITEM, EVENT} <= set(names)  # such as what a shop exports, whose settings name other columns
    for column, option in OPTIONS.items():
        choice = given.get(column)
        if is_canonical and choice not in names and choice != NO_COLUMN and column in names:
            choice = column
        if choice == NO_COLUMN:
            continue
        if choice is not None:
            if choice not in names:
                raise DataError(f"{where} has no column {choice!r} (given as {option}); it has {_listed(names)}")
            found: str | None = choice
        else:
            free = [name for name in names if name not in taken]
            found = _find_user(free, where) if column == USER else find_column(column, free, where)
        if found in repeated:
            raise DataError(f"{where} has more than one column {found!r}; rename one of them")
        if found is not None:
            mapping[column] = found
    if mapping.get(USER) == mapping.get(ANONYMOUS):
        mapping.pop(ANONYMOUS, None)  # visitors alone: they are the shoppers
    if USER not in mapping and SESSION in mapping and given.get(USER) is None:
        mapping[USER] = mapping[SESSION]  # visits without a known shopper: each is a shopper of its own
    for column in (USER, ITEM):
        if column not in mapping:
            what = "users" if column == USER else "items"
            data = any(re.fullmatch(r"[\d.,:/ -]*\d[\d.,:/ -]*", name) for name in names)
            above = "; its first line seems to hold data: put a line with the columns' names above it" if data else ""
            raise DataError(
                f"{where}: no column recognised as the {what}' ids among {_listed(names)}; name it with "
                f'{OPTIONS[column]}="..." (--{OPTIONS[column]} on the command line){above}'
            )
    return {column: mapping[column] for column in OPTIONS if column in mapping}


def _find_user(names: Sequence[str], where: str) -> str | None:
    """Return the column of shoppers; that of anonymous visitors only where there is no other."""
    anonymous = find_column(ANONYMOUS, names, where)
    return find_column(USER, [name for name in names if name != anonymous], where) or anonymous


def find_column(column: str, names: Sequence[str], where: str) -> str | None:
    """Return the one of `names` that means a canonical column, or None; two that could be meant are refused."""
    for rank in _RANKS[column]:
        found = list(dict.fromkeys(name for name in names if _plain(name) in rank))
        if len(found) > 1:
            option = OPTIONS[column]
            raise DataError(
                f"{where}: {_listed(found)} could each be the {column}; choose with {option}={found[0]!r} "
                f"(--{option} on the command line)"
            )
        if found:
            return found[0]
    return None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:30])
    return shown + (f" and {len(names) - 30} more" if len(names) > 30 else "")
