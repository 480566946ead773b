"""Where a prefix to be cached ends: `cache_control` on blocks and tools.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""

from __future__ import annotations

from pytest_llmreplay.event import Json, Part, UnknownPart
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import as_object, as_text

__all__ = ["CACHE_CONTROL", "as_control", "mark", "mark_in"]

CACHE_CONTROL = "cache_control"
_POINT = "cachePoint"
"""Converse's block, which stands after what is to be cached."""
_UNMARKED = frozenset({"thinking", "redacted_thinking"})
"""Blocks that take no mark."""


def mark_in(part: Part) -> dict[str, Json]:
    """The mark that a part of another format is; empty where it is something else."""
    if not isinstance(part, UnknownPart) or part.type != _POINT:
        return {}
    point = as_object(part.raw).get(_POINT)
    return as_control(point)


def as_control(point: Json) -> dict[str, Json]:
    """What a cache point says, in the words of this format."""
    ttl = as_text(point.get("ttl")) if isinstance(point, dict) else None
    control: dict[str, Json] = {"type": "ephemeral"}
    return control | ({"ttl": ttl} if ttl else {})


def mark(blocks: list[Json], control: dict[str, Json], losses: Losses) -> None:
    """Put a mark on the last block; it is lost where there is none that takes it."""
    last = blocks[-1] if blocks else None
    if not isinstance(last, dict) or last.get("type") in _UNMARKED:
        losses.add(CACHE_CONTROL)
        return
    last[CACHE_CONTROL] = control
