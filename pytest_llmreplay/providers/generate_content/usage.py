"""Token counts of generateContent: cached tokens are inside the prompt, thoughts beside the words.

https://ai.google.dev/api/generate-content#UsageMetadata
"""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int
from pytest_llmreplay.providers.google_format import Names

__all__ = ["read_usage", "write_usage"]


def read_usage(raw: dict[str, Json]) -> Usage:
    """Counts with inclusive totals; Google leaves out a count that is zero."""
    counts = Names(raw).rest
    prompt = _count(counts, "promptTokenCount")
    used_by_tools = _count(counts, "toolUsePromptTokenCount")
    answered, thought = _count(counts, "candidatesTokenCount"), _count(counts, "thoughtsTokenCount")
    read = _sum(prompt, used_by_tools)
    written = _sum(answered, thought)
    total = _count(counts, "totalTokenCount")
    if written is None and read is not None and total is not None:
        written = max(0, total - read)
    return Usage(
        input_tokens=read,
        output_tokens=written,
        cache_read_input_tokens=_count(counts, "cachedContentTokenCount"),
        reasoning_output_tokens=thought,
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones."""
    if (as_read := unchanged_counts(usage, read_usage)) is not None:
        return as_read
    thought, written = usage.reasoning_output_tokens, usage.output_tokens
    counts: dict[str, int | None] = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": None if written is None else max(0, written - (thought or 0)),
        "thoughtsTokenCount": thought,
        "cachedContentTokenCount": usage.cache_read_input_tokens,
        "totalTokenCount": _sum(usage.input_tokens, written),
    }
    return {key: count for key, count in counts.items() if count is not None}


def _count(counts: dict[str, Json], key: str) -> int | None:
    return as_int(counts.get(key))


def _sum(first: int | None, second: int | None) -> int | None:
    """The sum of the counts that are told."""
    return None if first is None and second is None else (first or 0) + (second or 0)
