"""Token counts of Cohere: what the model saw, beside what is billed.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int

__all__ = ["read_usage", "write_usage"]


def read_usage(raw: dict[str, Json]) -> Usage:
    """What the model read and wrote; `billed_units`, which leave out much of it, stay in `raw`.

    They count only where nothing else does. Figures may be floats.
    """
    return Usage(
        input_tokens=_count(raw, "input_tokens"),
        output_tokens=_count(raw, "output_tokens"),
        cache_read_input_tokens=as_int(raw.get("cached_tokens")),
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones."""
    if (counts := unchanged_counts(usage, read_usage)) is not None:
        return counts
    named = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    tokens: dict[str, Json] = {key: count for key, count in named.items() if count is not None}
    body: dict[str, Json] = {"tokens": tokens} if tokens else {}
    if usage.cache_read_input_tokens is not None:
        body["cached_tokens"] = usage.cache_read_input_tokens
    return body


def _count(raw: dict[str, Json], key: str) -> int | None:
    groups = (raw.get("tokens"), raw.get("billed_units"))
    found = (as_int(group.get(key)) for group in groups if isinstance(group, dict))
    return next((count for count in found if count is not None), None)
