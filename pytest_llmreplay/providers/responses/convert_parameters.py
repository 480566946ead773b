"""Writing the parameters of a request of another format."""

from __future__ import annotations

from pytest_llmreplay.event import Json, OutputFormat, Reasoning, Request

from .losses import Losses
from .strict_schema import is_strict

__all__ = ["write_output", "write_parameters", "write_reasoning"]

_SAME = frozenset(
    {
        "metadata",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "top_logprobs",
    }
)
"""Keys that chat completions has as well."""
_TIERS = frozenset({"auto", "default", "flex", "priority", "scale"})
_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_SUMMARIES = frozenset({"auto", "concise", "detailed"})
_LOW, _MEDIUM = 2048, 8192
"""Budgets of tokens up to which an effort counts as low and as medium."""
_RENAMED = {"web_search_options": "tools.web_search"}
_USUAL: dict[str, Json] = {"store": False, "logprobs": False, "modalities": ["text"]}
"""Keys whose usual value says nothing."""
_TAKEN = frozenset({"anthropic_version", *_SAME, *_RENAMED})


def write_parameters(request: Request, losses: Losses) -> dict[str, Json]:
    """Limits, sampling, whom it is for; what only other formats know is lost."""
    named: dict[str, Json] = {
        "max_output_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "user": request.user,
    }
    if request.service_tier in _TIERS:
        named["service_tier"] = request.service_tier
    elif request.service_tier is not None:
        losses.lost("service_tier")
    _lose_sampling(request, losses)
    named |= {key: value for key, value in request.extra.items() if key in _SAME}
    _lose_extra(request, losses)
    return {key: value for key, value in named.items() if value is not None}


def write_reasoning(reasoning: Reasoning | None, losses: Losses) -> dict[str, Json]:
    """How much to think, and which account of it is wanted."""
    if reasoning is None:
        return {}
    losses.left(reasoning.extra, prefix="reasoning.")
    told = {"effort": _effort(reasoning, losses), "summary": _summary(reasoning, losses)}
    said: dict[str, Json] = {key: value for key, value in told.items() if value is not None}
    return {"reasoning": said} if said else {}


def write_output(
    output: OutputFormat | None, verbosity: str | None, losses: Losses
) -> dict[str, Json]:
    """The shape of the answer, and how wordy it is wanted."""
    text: dict[str, Json] = {}
    if output is not None:
        text["format"] = _format(output, losses)
    if verbosity is not None:
        text["verbosity"] = verbosity
    return {"text": text} if text else {}


def _lose_sampling(request: Request, losses: Losses) -> None:
    """Zeros, and one choice, are what everybody gets."""
    if request.stop_sequences:
        losses.lost("stop")
    for key in ("top_k", "seed"):
        if getattr(request, key) is not None:
            losses.lost(key)
    for key in ("frequency_penalty", "presence_penalty"):
        if getattr(request, key):
            losses.lost(key)
    if (request.choice_count or 1) > 1:
        losses.lost("n")


def _lose_extra(request: Request, losses: Losses) -> None:
    for key, code in _RENAMED.items():
        if key in request.extra:
            losses.lost(code)
    left = {
        key: value
        for key, value in request.extra.items()
        if key not in _USUAL or value != _USUAL[key]
    }
    options = left.pop("stream_options", None)
    asked = options if isinstance(options, dict) else {}
    losses.left({key: value for key, value in asked.items() if key != "include_usage"})
    losses.left(left, known=_TAKEN)


def _effort(reasoning: Reasoning, losses: Losses) -> str | None:
    if reasoning.effort is not None:
        return reasoning.effort if reasoning.effort in _EFFORTS else None
    if reasoning.mode == "disabled":
        return "none"
    if reasoning.mode == "adaptive":
        losses.changed("thinking.adaptive")
        return None
    if reasoning.budget_tokens is None:
        return None
    losses.changed("thinking.budget_tokens")
    if reasoning.budget_tokens <= _LOW:
        return "low"
    return "medium" if reasoning.budget_tokens <= _MEDIUM else "high"


def _summary(reasoning: Reasoning, losses: Losses) -> str | None:
    """Anthropic asks for a summary, or for none, which is usual here."""
    if reasoning.summary in _SUMMARIES:
        return reasoning.summary
    if reasoning.summary == "summarized":
        return "auto"
    if reasoning.summary not in {None, "omitted"}:
        losses.lost("thinking.display")
    return None


def _format(output: OutputFormat, losses: Losses) -> Json:
    losses.left(output.extra, prefix="response_format.")
    if output.type != "json_schema":
        return {"type": output.type}
    strict = output.strict or False
    if output.name is None:  # only OpenAI's formats have names, and the flag
        losses.added("response_format.name")
        strict = is_strict(output.schema) if output.strict is None else strict
        if not strict:
            losses.changed("response_format.strict")
    body: dict[str, Json] = {
        "type": "json_schema",
        "name": output.name or "response",
        "schema": output.schema,
        "strict": strict,
    }
    return body | ({"description": output.description} if output.description else {})
