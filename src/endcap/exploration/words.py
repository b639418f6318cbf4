"""Figures as people read them."""

from __future__ import annotations

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def percent(share: float) -> str:
    """Return a share in percent, with as many digits as tell something.

    Examples
    --------
    >>> from endcap.exploration.words import percent
    >>> percent(0.416), percent(0.0512), percent(0.00023)
    ('42%', '5.1%', '0.023%')
    """
    if share == 0 or share >= 0.0995:
        return f"{share:.0%}"
    return f"{share:.1%}" if share >= 0.001 else f"{share:.3%}"


def plain(value: float) -> str:
    """Return a number with three digits that matter, or whole where it is large.

    Examples
    --------
    >>> from endcap.exploration.words import plain
    >>> plain(8911407.9), plain(9.3908), plain(0.0417), plain(28.0)
    ('8,911,408', '9.39', '0.0417', '28')
    """
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 order", "2 orders"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def at_most(n: int, one: str, many: str) -> str:
    """Return what those have who have `n` or fewer, and one at least.

    Examples
    --------
    >>> at_most(1, "purchase", "purchases"), at_most(41, "purchase", "purchases")
    ('a single purchase', '41 purchases or fewer')
    """
    return f"a single {one}" if n <= 1 else f"{count(n, one, many)} or fewer"
