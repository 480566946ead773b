"""What stands around the words of an answer in every API format: its id, its ending, its counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeAlias

from pytest_llmreplay.event import FinishReason, Json, Part, Response, ToolCallPart, Usage
from pytest_llmreplay.providers.fields import Fields

__all__ = ["ended_for_calls", "made_id", "take_counts", "unchanged_counts", "with_counts"]

ReadUsage: TypeAlias = Callable[[dict[str, Json]], Usage]


def made_id(prefix: str, response: Response, salt: str = "") -> str:
    """An id for an answer that has none: the same answer gets the same id."""
    content = repr((response.model, response.choices, salt)).encode("utf-8", errors="surrogatepass")
    return prefix + hashlib.blake2b(content, digest_size=12).hexdigest()


def ended_for_calls(finish: FinishReason | None, parts: Iterable[Part]) -> FinishReason | None:
    """The class of an ending; one that asks for tools ended to ask for them, whatever it says."""
    calls = finish == "stop" and any(isinstance(part, ToolCallPart) for part in parts)
    return "tool_call" if calls else finish


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
