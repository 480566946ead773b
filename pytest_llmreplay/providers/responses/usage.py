"""Token counts of responses, whose totals are inclusive."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Usage
from pytest_llmreplay.providers.answers.envelope import unchanged_counts
from pytest_llmreplay.providers.fields import as_int

__all__ = ["read_usage", "write_usage"]

_READ = "input_tokens_details"
_WRITTEN = "output_tokens_details"


def read_usage(raw: dict[str, Json]) -> Usage:
    """Counts as told; what is not told stays unknown."""
    cost = raw.get("cost")  # OpenRouter
    is_cost = isinstance(cost, int | float) and not isinstance(cost, bool)
    return Usage(
        input_tokens=as_int(raw.get("input_tokens")),
        output_tokens=as_int(raw.get("output_tokens")),
        cache_read_input_tokens=_detail(raw, _READ, "cached_tokens"),
        cache_write_input_tokens=_detail(raw, _READ, "cache_write_tokens"),
        reasoning_output_tokens=_detail(raw, _WRITTEN, "reasoning_tokens"),
        cost=float(cost) if is_cost else None,  # type: ignore[arg-type]  # as the line above says
        raw=raw,
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The raw counts where they still say the same, else new ones with all that clients read."""
    if (counts := unchanged_counts(usage, read_usage)) is not None:
        return counts
    body: dict[str, Json] = {}
    if usage.input_tokens is not None:
        details: dict[str, Json] = {
            "cached_tokens": usage.cache_read_input_tokens or 0,
            "cache_write_tokens": usage.cache_write_input_tokens or 0,
        }
        body |= {"input_tokens": usage.input_tokens, _READ: details}
    if usage.output_tokens is not None:
        thought: dict[str, Json] = {"reasoning_tokens": usage.reasoning_output_tokens or 0}
        body |= {"output_tokens": usage.output_tokens, _WRITTEN: thought}
    if usage.input_tokens is not None and usage.output_tokens is not None:
        body["total_tokens"] = usage.input_tokens + usage.output_tokens
    return body | ({} if usage.cost is None else {"cost": usage.cost})


def _detail(raw: dict[str, Json], group: str, name: str) -> int | None:
    details = raw.get(group)
    return as_int(details.get(name)) if isinstance(details, dict) else None
