"""Token counts of chat completions, in the spellings of all who speak the format."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int, as_object

__all__ = ["read_usage", "write_usage"]

_CACHE_READ = (
    "prompt_tokens_details.cached_tokens",
    "num_cached_tokens",  # Mistral
    "cached_tokens",  # Together
    "prompt_cache_hit_tokens",  # DeepSeek
)
_CACHE_WRITE = (
    "prompt_tokens_details.cache_write_tokens",
    "prompt_tokens_details.cache_creation_tokens",
)
_REASONING = ("completion_tokens_details.reasoning_tokens", "reasoning_tokens")


def read_usage(raw: dict[str, Json]) -> Usage:
    """Counts with inclusive totals; what is not told stays unknown."""
    return Usage(
        input_tokens=as_int(raw.get("prompt_tokens")),
        output_tokens=_output_tokens(raw),
        cache_read_input_tokens=_first(raw, _CACHE_READ),
        cache_write_input_tokens=_first(raw, _CACHE_WRITE),
        reasoning_output_tokens=_first(raw, _REASONING),
        cost=_cost(raw.get("cost")),
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones."""
    if (counts := unchanged_counts(usage, read_usage)) is not None:
        return counts
    written: dict[str, Json] = {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": _total(usage),
        "cost": usage.cost,
    }
    written = {key: value for key, value in written.items() if value is not None}
    _add_details(written, "prompt_tokens_details", "cached_tokens", usage.cache_read_input_tokens)
    _add_details(
        written, "prompt_tokens_details", "cache_write_tokens", usage.cache_write_input_tokens
    )
    _add_details(
        written, "completion_tokens_details", "reasoning_tokens", usage.reasoning_output_tokens
    )
    return written


def _output_tokens(raw: dict[str, Json]) -> int | None:
    """Gemini and xAI leave reasoning out of `completion_tokens`, but not out of the total."""
    read, written = as_int(raw.get("prompt_tokens")), as_int(raw.get("completion_tokens"))
    total = as_int(raw.get("total_tokens"))
    if read is None or total is None:
        return written
    return max(written or 0, total - read)


def _first(raw: dict[str, Json], paths: tuple[str, ...]) -> int | None:
    for path in paths:
        name, _, inner = path.partition(".")
        value = raw.get(name)
        if inner:
            value = as_object(value).get(inner)
        if (count := as_int(value)) is not None:
            return count
    return None


def _cost(value: Json) -> float | None:
    if isinstance(value, dict):  # Perplexity
        value = value.get("total_cost")
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _total(usage: Usage) -> int | None:
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return usage.input_tokens + usage.output_tokens


def _add_details(written: dict[str, Json], group: str, name: str, count: int | None) -> None:
    if count is not None:
        details = written.setdefault(group, {})
        assert isinstance(details, dict)
        details[name] = count
