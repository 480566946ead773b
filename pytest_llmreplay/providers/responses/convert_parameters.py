"""Writing the parameters of a request of another format."""

from __future__ import annotations

from pytest_llmreplay.event import Json, OutputFormat, Reasoning, Request
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.conversion.reasoning import effort_of
from pytest_llmreplay.providers.conversion.state import note_state
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.tools.schemas import is_strict

__all__ = ["write_output", "write_parameters", "write_reasoning"]

_SAME = frozenset(
    {
        *("metadata", "safety_identifier", "prompt_cache_key"),
        *("prompt_cache_options", "prompt_cache_retention"),
    }
)
"""Keys that chat completions has as well."""
_TIERS = frozenset({"auto", "default", "flex", "priority", "scale"})
_SUMMARIES = frozenset({"auto", "concise", "detailed"})
_LEAST_LIMIT = 16
"""https://platform.openai.com/docs/api-reference/responses/create"""


def write_parameters(request: Request, losses: Losses) -> dict[str, Json]:
    """Limits, sampling, whom it is for; what only other formats know is lost."""
    named: dict[str, Json] = {
        "max_output_tokens": _limit(request.max_tokens, losses),
        "temperature": request.temperature,
        "top_p": request.top_p,
        "user": request.user,
    }
    if request.service_tier in _TIERS:
        named["service_tier"] = request.service_tier
    elif request.service_tier is not None:
        losses.add("service_tier")
    _lose_sampling(request, losses)
    named |= {key: value for key, value in request.extra.items() if key in _SAME}
    note_state(request.extra, losses, kept=_SAME)
    return {key: value for key, value in named.items() if value is not None}


def write_reasoning(reasoning: Reasoning | None, model: str, losses: Losses) -> dict[str, Json]:
    """How much to think, and which account of it is wanted."""
    if reasoning is None:
        return {}
    losses.keys(reasoning.extra, "reasoning.")
    asked = {"effort": effort_of(reasoning, model, losses), "summary": _summary(reasoning, losses)}
    written: dict[str, Json] = {key: value for key, value in asked.items() if value is not None}
    return {"reasoning": written} if written else {}


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
        losses.add("stop")
    for key in ("top_k", "seed"):
        if getattr(request, key) is not None:
            losses.add(key)
    for key in ("frequency_penalty", "presence_penalty"):
        if getattr(request, key):
            losses.add(key)
    if (request.choice_count or 1) > 1:
        losses.add("n")


def _limit(tokens: int | None, losses: Losses) -> int | None:
    """The limit, or the least that the format takes."""
    if tokens is None or tokens >= _LEAST_LIMIT:
        return tokens
    losses.add("~max_tokens")
    return _LEAST_LIMIT


def _summary(reasoning: Reasoning, losses: Losses) -> str | None:
    """Anthropic asks for a summary, or for none, which is usual here."""
    if reasoning.summary in _SUMMARIES:
        return reasoning.summary
    if reasoning.summary == "summarized":
        return "auto"
    if reasoning.summary not in {None, "omitted"}:
        losses.add("thinking.display")
    return None


def _format(output: OutputFormat, losses: Losses) -> Json:
    rest = dict(output.extra) | as_object(output.extra.get("json_schema"))
    losses.keys(rest, "response_format.", known=("json_schema",))
    if output.type != "json_schema":
        return {"type": output.type}
    strict = output.strict or False
    if output.name is None:  # only OpenAI's formats have names, and the flag
        losses.add("+response_format.name")
        strict = is_strict(output.schema) if output.strict is None else strict
        if not strict:
            losses.add("~response_format.strict")
    body: dict[str, Json] = {
        "type": "json_schema",
        "name": output.name or "response",
        "schema": output.schema,
        "strict": strict,
    }
    return body | ({"description": output.description} if output.description else {})
