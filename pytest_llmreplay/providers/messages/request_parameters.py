"""Writing the parameters of a request for messages: sampling, the shape of the answer."""

from __future__ import annotations

from pytest_llmreplay.event import Json, OutputFormat, Request
from pytest_llmreplay.providers.api import Dialect
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import as_object

from .answer_schema import answer_schema
from .claude import (
    output_limit,
    refuses_sampling,
    takes_one_of_temperature_and_top_p,
)

__all__ = ["write_limit", "write_output_config", "write_rest", "write_sampling"]

_SAMPLED = "2023-06-01"
"""The API version that takes sampling parameters; the next one refuses them
(https://platform.claude.com/docs/en/api/migration-2026-10-21)."""

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


def write_output_config(
    output: OutputFormat | None, effort: str | None, losses: Losses
) -> dict[str, Json]:
    """`output_config`: the schema of the answer, and the effort."""
    config: dict[str, Json] = {} if effort is None else {"effort": effort}
    if output is not None:
        rest = dict(output.extra) | as_object(output.extra.get("json_schema"))
        losses.keys(rest, "response_format.", known=("json_schema",))
    if output is not None and output.type == "json_schema":
        _note_names(output, losses)
        schema = answer_schema(output.schema, losses)
        config["format"] = {"type": "json_schema", "schema": schema}
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
    words: list[Json] = [word for word in request.stop_sequences if word.strip()]
    if len(words) < len(request.stop_sequences):
        losses.add("stop.whitespace")
    return {"stop_sequences": words} if words else {}


def _note_names(output: OutputFormat, losses: Losses) -> None:
    if output.name is not None:
        losses.add("response_format.name")
    if output.description is not None:
        losses.add("response_format.description")
    if output.strict is False:
        losses.add("response_format.strict")
