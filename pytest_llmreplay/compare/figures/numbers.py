"""Counts, tokens, seconds and dollars as people write them."""

from __future__ import annotations

__all__ = ["DASH", "MINUS", "change", "many", "money", "ratio", "seconds", "tokens"]

DASH, MINUS = "\u2013", "\u2212"
"""En dash for what is not there; the minus sign that is as wide as a plus."""

_FEW_CENTS = 0.10
_LONG = 10.0
_MINUTES = 120.0
_ABSURD = 1e9
"""Some thirty years; times may come from anybody's cassette, and their sum may be infinite."""
_SAME = 0.5


def many(count: int, one: str, several: str | None = None) -> str:
    """`1 event`, `1,204 events`; `2 retries` where the plural is told."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def tokens(count: float) -> str:
    """`1,204`."""
    return f"{count:,.0f}"


def seconds(value: float) -> str:
    """`0.50 s`, `12.3 s`, `6 min 12 s`; `2.0e+308 s` where nobody has measured it."""
    if value < _LONG:
        return f"{value:.2f} s"
    if value < _MINUTES:
        return f"{value:.1f} s"
    if value >= _ABSURD:
        return f"{value:.1e} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes:,} min {rest} s"


def money(usd: float) -> str:
    """`$0.0021`, `$0.71`, `$1,204.50`: at least two digits that count."""
    if usd == 0 or usd >= _FEW_CENTS:
        return f"${usd:,.2f}"
    places = 2
    while round(usd, places) < 10 ** (1 - places) and places < 8:  # noqa: PLR2004 - enough digits
        places += 1
    return f"${usd:.{places}f}"


def ratio(now: float, then: float) -> str:
    """`1.38x`."""
    return f"{now / then:.2f}x" if then else "more than none"


def change(then: float, now: float) -> str:
    """`+27 %`, `±0 %`, and a minus sign as wide; a dash where there is nothing to divide by."""
    if not then:
        return "±0 %" if not now else DASH
    percent = (now - then) / then * 100
    if abs(percent) < _SAME:
        return "±0 %"
    return f"{'+' if percent > 0 else MINUS}{abs(percent):,.0f} %"
