"""Token counts of messages, whose `input_tokens` leave out what the cache held."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int, as_object

__all__ = ["read_usage", "write_usage"]

_CACHE_READ = "cache_read_input_tokens"
_CACHE_WRITE = "cache_creation_input_tokens"


def read_usage(raw: dict[str, Json]) -> Usage:
    """Counts with inclusive totals.

    Tokens of `iterations` other than messages (compaction, advisors) are billed, but are no part
    of the totals; they stay in `raw`.
    """
    fresh = as_int(raw.get("input_tokens"))
    read, written = as_int(raw.get(_CACHE_READ)), as_int(raw.get(_CACHE_WRITE))
    thought = as_object(raw.get("output_tokens_details")).get("thinking_tokens")
    return Usage(
        input_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
        output_tokens=as_int(raw.get("output_tokens")),
        cache_read_input_tokens=read,
        cache_write_input_tokens=written,
        reasoning_output_tokens=as_int(thought),
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones."""
    if (counts := unchanged_counts(usage, read_usage)) is not None:
        return counts
    read, written = usage.cache_read_input_tokens, usage.cache_write_input_tokens
    body: dict[str, Json] = {}
    if usage.input_tokens is not None:
        fresh = max(0, usage.input_tokens - (read or 0))
        # gateways count a token that was written and read in one call twice: the total stays true
        written = None if written is None else min(written, fresh)
        body["input_tokens"] = fresh - (written or 0)
    if usage.output_tokens is not None:
        body["output_tokens"] = usage.output_tokens
    if read is not None:
        body[_CACHE_READ] = read
    if written is not None:
        body[_CACHE_WRITE] = written
    if usage.reasoning_output_tokens is not None:
        body["output_tokens_details"] = {"thinking_tokens": usage.reasoning_output_tokens}
    return body
