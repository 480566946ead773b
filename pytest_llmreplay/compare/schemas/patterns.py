"""Regular expressions of a schema, which anybody may have written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_llmreplay.event import Json

__all__ = ["is_quick", "patterns_in"]

_LONGEST = 1000
_OPEN = 2
"""Open repetitions in one pattern: quadratic at worst."""


def patterns_in(keyword: str, wanted: Json, schema: dict[str, Json]) -> Iterator[str]:
    """The patterns that judging a keyword may search for."""
    if keyword == "pattern" and isinstance(wanted, str):
        yield wanted
    if keyword in {"patternProperties", "additionalProperties", "unevaluatedProperties"}:
        named = schema.get("patternProperties")
        yield from named if isinstance(named, dict) else ()


def is_quick(pattern: str, value: Json) -> bool:
    """Whether searching cannot take for ever: no repeated group, few open repetitions."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    texts = [value] if isinstance(value, str) else value if isinstance(value, dict) else ()
    plain = re.sub(r"\\.", "x", pattern)
    repeated = re.findall(r"[*+]|\{\d*,\}", re.sub(r"\[[^\]]*\]", "x", plain))
    return (
        len(plain) <= _LONGEST
        and all(len(text) <= _LONGEST for text in texts)
        and re.search(r"\)[*+?{]", plain) is None
        and len(repeated) <= _OPEN
    )
