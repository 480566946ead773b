"""Token counts of converse, whose `inputTokens` leave out what the cache held."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int, first_int

__all__ = ["read_usage", "write_usage"]

_CACHE_READ = ("cacheReadInputTokens", "cacheReadInputTokenCount")
_CACHE_WRITE = ("cacheWriteInputTokens", "cacheWriteInputTokenCount")
"""Servers have written both, also side by side."""


def read_usage(raw: dict[str, Json]) -> Usage:
    """Counts with inclusive totals."""
    fresh = as_int(raw.get("inputTokens"))
    read, written = first_int(raw, _CACHE_READ), first_int(raw, _CACHE_WRITE)
    return Usage(
        input_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
        output_tokens=as_int(raw.get("outputTokens")),
        cache_read_input_tokens=read,
        cache_write_input_tokens=written,
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones; three of them always."""
    if (counts := unchanged_counts(usage, read_usage)) is not None:
        return counts
    read, written = usage.cache_read_input_tokens, usage.cache_write_input_tokens
    total_read, total_written = usage.input_tokens or 0, usage.output_tokens or 0
    body: dict[str, Json] = {
        "inputTokens": max(0, total_read - (read or 0) - (written or 0)),
        "outputTokens": total_written,
        "totalTokens": total_read + total_written,
    }
    if read is not None:
        body[_CACHE_READ[0]] = read
    if written is not None:
        body[_CACHE_WRITE[0]] = written
    return body
