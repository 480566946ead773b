"""How deep JSON may be nested to stand in a cassette as such; what is deeper is text there."""

from __future__ import annotations

from pytest_llmreplay.event import Json

from .scan import MAX_DEPTH

__all__ = ["DEEPEST_BODY", "is_deeper"]

DEEPEST_BODY = MAX_DEPTH - 20
"""Levels of a body: what stands around it in a cassette counts too."""


def is_deeper(value: Json, levels: int) -> bool:
    """Whether lists and objects stand in each other more often than this; it does not recurse."""
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
