"""Token counts of interactions: cached tokens are inside the input, thoughts beside the words."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int

__all__ = ["read_usage", "write_usage"]


def read_usage(raw: dict[str, Json]) -> Usage:
    """Counts with inclusive totals; what is not told stays unknown."""
    thought = as_int(raw.get("total_thought_tokens"))
    return Usage(
        input_tokens=_sum(raw, "total_input_tokens", "total_tool_use_tokens"),
        output_tokens=_sum(raw, "total_output_tokens", "total_thought_tokens"),
        cache_read_input_tokens=as_int(raw.get("total_cached_tokens")),
        reasoning_output_tokens=thought,
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones."""
    if (as_read := unchanged_counts(usage, read_usage)) is not None:
        return as_read
    read, written, thought = (
        usage.input_tokens,
        usage.output_tokens,
        usage.reasoning_output_tokens,
    )
    counts: dict[str, int | None] = {
        "total_input_tokens": read,
        "total_output_tokens": None if written is None else max(0, written - (thought or 0)),
        "total_thought_tokens": thought,
        "total_cached_tokens": usage.cache_read_input_tokens,
        "total_tokens": None if read is None and written is None else (read or 0) + (written or 0),
    }
    return {key: count for key, count in counts.items() if count is not None}


def _sum(raw: dict[str, Json], *keys: str) -> int | None:
    """The sum of the counts that are told."""
    found = [count for key in keys if (count := as_int(raw.get(key))) is not None]
    return sum(found) if found else None
