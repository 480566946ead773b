"""JSON as its standard has it: Python's own reader takes `NaN` and `Infinity` for numbers, too.

https://www.rfc-editor.org/rfc/rfc8259#section-6
"""

from __future__ import annotations

import json
import math
from collections import Counter

from .exchange import Json

__all__ = ["STRICT_JSON", "UNIQUE_JSON", "refuse_constant"]


def refuse_constant(word: str) -> Json:
    """Refuse `NaN`, `Infinity` or `-Infinity`; a `parse_constant` of the `json` module.

    Raises:
        ValueError: Always.
    """
    raise ValueError(f"{word} is no JSON number")


def _whole(word: str) -> int:
    try:
        return int(word)
    except ValueError:  # whose own words tell a programmer what to set
        raise ValueError(f"a number of {len(word)} digits is more than can be read") from None


def _finite(word: str) -> float:
    number = float(word)
    if math.isinf(number):
        raise ValueError(f"{word[:20]} is a number beyond what can be read")
    return number


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{twice[:40]!r} stands in an object twice")
    return found


STRICT_JSON = json.JSONDecoder(
    parse_int=_whole, parse_float=_finite, parse_constant=refuse_constant
)
"""Reads what is JSON, and nothing else; a number that Python would take for infinite is none."""

UNIQUE_JSON = json.JSONDecoder(
    parse_int=_whole,
    parse_float=_finite,
    parse_constant=refuse_constant,
    object_pairs_hook=_unique,
)
"""Refuses in addition what readers take differently: a name that stands in an object twice."""
