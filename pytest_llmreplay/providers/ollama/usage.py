"""Token counts of Ollama, which stand at the top of an answer.

https://github.com/ollama/ollama/blob/main/docs/api.md#response
"""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import Fields, as_int

__all__ = ["take_usage", "write_usage"]

_INPUT, _OUTPUT = "prompt_eval_count", "eval_count"


def take_usage(fields: Fields) -> Usage:
    """Take the counts; that of a prompt that was still in the cache may be missing."""
    raw = {key: fields.rest.pop(key) for key in (_INPUT, _OUTPUT) if key in fields.rest}
    return _read(raw) if raw else Usage()


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones."""
    if (counts := unchanged_counts(usage, _read)) is not None:
        return counts
    named = {_INPUT: usage.input_tokens, _OUTPUT: usage.output_tokens}
    return {key: count for key, count in named.items() if count is not None}


def _read(raw: dict[str, Json]) -> Usage:
    return Usage(
        input_tokens=as_int(raw.get(_INPUT)), output_tokens=as_int(raw.get(_OUTPUT)), raw=raw
    )
