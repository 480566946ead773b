"""Writing the parameters of a request for messages: sampling, thinking, the shape of the answer."""

from __future__ import annotations

from pytest_llmreplay.event import Json, OutputFormat, Request
from pytest_llmreplay.providers.api import Dialect
from pytest_llmreplay.providers.losses import Losses

from .claude import (
    output_limit,
    refuses_budgets,
    refuses_sampling,
    takes_one_of_temperature_and_top_p,
    thinks_adaptively,
)

__all__ = ["write_limit", "write_output_config", "write_rest", "write_sampling", "write_thinking"]

_SAMPLED = "2023-06-01"
"""The API version that takes sampling parameters; the next one refuses them
(https://platform.claude.com/docs/en/api/migration-2026-10-21)."""

_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh"}
_EFFORTS |= {"max": "max"}
_BUDGETS = {"low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576, "max": 32_768}
_LEAST_BUDGET = 1024
_TIERS = frozenset({"auto", "standard_only"})


def write_limit(request: Request, dialect: Dialect, losses: Losses) -> dict[str, Json]:
    """`max_tokens`, which the format demands."""
    if request.max_tokens is not None:
        return {"max_tokens": request.max_tokens}
    losses.add("+max_tokens")
    return {"max_tokens": output_limit(dialect.model)}


def write_sampling(request: Request, dialect: Dialect, losses: Losses) -> dict[str, Json]:
    """Temperature and the two cuts where version and model take them, and the stop words."""
    body: dict[str, Json] = {}
    taken = dialect.version == _SAMPLED and not refuses_sampling(dialect.model)
    named = {"temperature": request.temperature, "top_p": request.top_p, "top_k": request.top_k}
    for key, value in named.items():
        if value is not None and taken:
            body[key] = value
        elif value is not None:
            losses.add(key)
    if request.temperature is not None and request.temperature > 1 and taken:
        losses.add("~temperature")
        body["temperature"] = 1
    if {"temperature", "top_p"} <= body.keys() and takes_one_of_temperature_and_top_p(
        dialect.model
    ):
        losses.add("top_p")
        del body["top_p"]
    _note_foreign(request, losses)
    return body | _stop(request, losses)


def write_thinking(
    request: Request, dialect: Dialect, limit: Json, losses: Losses, *, forced: bool
) -> tuple[dict[str, Json], str | None]:
    """`thinking`, and the word for the effort where the model decides by itself.

    Args:
        request: What was asked.
        dialect: Knows the model.
        limit: `max_tokens`, below which a budget has to stay.
        losses: Is told what changed.
        forced: Whether a tool has to be called; thinking with a budget excludes that.
    """
    reasoning = request.reasoning
    if reasoning is None:
        return {}, None
    losses.keys(reasoning.extra, "reasoning.")
    shown: dict[str, Json] = {}
    if reasoning.summary is not None:
        shown = {"display": "summarized"}
    if reasoning.effort == "none" or reasoning.mode == "disabled":
        return ({} if refuses_budgets(dialect.model) else {"thinking": {"type": "disabled"}}), None
    effort = _EFFORTS.get(reasoning.effort or "")
    if effort is None:
        losses.add(*(["reasoning.effort"] if reasoning.effort not in (None, "default") else []))
        return ({"thinking": {"type": "adaptive", **shown}} if shown else {}), None
    if thinks_adaptively(dialect.model):
        return {"thinking": {"type": "adaptive", **shown}}, effort
    budget = _budget(effort, limit)
    if forced or budget is None:
        losses.add("reasoning.effort")
        return {}, None
    losses.add("~reasoning.effort")
    return {"thinking": {"type": "enabled", "budget_tokens": budget, **shown}}, None


def write_output_config(
    output: OutputFormat | None, effort: str | None, losses: Losses
) -> dict[str, Json]:
    """`output_config`: the schema of the answer, and the effort."""
    config: dict[str, Json] = {} if effort is None else {"effort": effort}
    if output is not None:
        held = output.extra.get("json_schema")
        rest = dict(output.extra) | (held if isinstance(held, dict) else {})
        losses.keys(rest, "response_format.", known=("json_schema",))
    if output is not None and output.type == "json_schema":
        _note_names(output, losses)
        config["format"] = {"type": "json_schema", "schema": output.schema}
    elif output is not None and output.type == "json_object":
        losses.add("response_format.json_object")
    return {"output_config": config} if config else {}


def write_rest(request: Request, losses: Losses) -> dict[str, Json]:
    """Whom the application asks for, and the service tier."""
    body: dict[str, Json] = {"metadata": {"user_id": request.user}} if request.user else {}
    tier = request.service_tier
    if tier in _TIERS:
        body["service_tier"] = tier
    elif tier not in (None, "default"):
        losses.add("service_tier")
    return body


def _note_foreign(request: Request, losses: Losses) -> None:
    """Parameters that the format does not have; values that are the usual ones lose nothing."""
    if request.seed is not None:
        losses.add("seed")
    if request.frequency_penalty:
        losses.add("frequency_penalty")
    if request.presence_penalty:
        losses.add("presence_penalty")
    if request.choice_count not in (None, 1):
        losses.add("n")
    if request.verbosity is not None:
        losses.add("verbosity")


def _stop(request: Request, losses: Losses) -> dict[str, Json]:
    said: list[Json] = [word for word in request.stop_sequences if word.strip()]
    if len(said) < len(request.stop_sequences):
        losses.add("stop.whitespace")
    return {"stop_sequences": said} if said else {}


def _budget(effort: str, limit: Json) -> int | None:
    """Tokens to think with, fewer than the answer may have in all."""
    most = limit - 1 if isinstance(limit, int) else 0
    budget = min(_BUDGETS[effort], most)
    return budget if budget >= _LEAST_BUDGET else None


def _note_names(output: OutputFormat, losses: Losses) -> None:
    if output.name is not None:
        losses.add("response_format.name")
    if output.description is not None:
        losses.add("response_format.description")
    if output.strict is False:
        losses.add("response_format.strict")
