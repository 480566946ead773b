"""Token counts in an answer: what is the same in every API format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.fields import Fields

__all__ = ["take_counts", "unchanged_counts", "with_counts"]

ReadUsage: TypeAlias = Callable[[dict[str, Json]], Usage]


def take_counts(fields: Fields, key: str, read: ReadUsage) -> Usage:
    """Take the counts of an answer; all are unknown where it tells none."""
    counts = fields.rest.get(key)
    if not isinstance(counts, dict):
        return Usage()
    del fields.rest[key]
    return read(counts)


def unchanged_counts(usage: Usage, read: ReadUsage) -> dict[str, Json] | None:
    """The counts as the server wrote them, where they still say the same; else none."""
    counts = usage.raw
    return counts if isinstance(counts, dict) and counts and read(counts) == usage else None


def with_counts(usage: Usage, counts: dict[str, Json]) -> dict[str, Json]:
    """The key of an answer that tells its counts; none where there are no counts to tell.

    Args:
        usage: Of the answer; a server may have told it as an empty object.
        counts: The same as the format writes it.
    """
    return {"usage": counts} if counts or usage.raw == {} else {}
