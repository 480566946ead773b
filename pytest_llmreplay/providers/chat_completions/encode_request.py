"""Writing a request of another format as chat completions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_llmreplay.event import Json, Reasoning, Request
from pytest_llmreplay.providers.api import Dialect, EncodedRequest
from pytest_llmreplay.providers.conversations.turns import Turn, conversation_of, linked
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.conversion.reasoning import effort_of
from pytest_llmreplay.providers.conversion.state import note_state
from pytest_llmreplay.providers.tools.custom_tools import as_functions
from pytest_llmreplay.providers.tools.web_search import parted

from .request_parts import content_of, write_assistant, write_results, write_user
from .request_tools import write_output, write_tools

__all__ = ["encode_request"]

_OPENAI = frozenset({"openai", "azure"})
_OWN_MODELS = re.compile(r"(ft:)?(gpt-(?!oss)|chatgpt-|o\d)")
"""OpenAI's own models: behind its provider's name may stand an address of the user's."""
_CUSTOM_TOOLS = re.compile(r"(ft:)?gpt-([5-9]|\d\d)")
"""OpenAI's models that know tools which take any text."""
_SEARCHING = re.compile(r".+-search-(api|preview)")
"""OpenAI's models that search the web, before each answer:
https://platform.openai.com/docs/guides/tools-web-search?api-mode=chat"""
_DEVELOPER = _OPENAI | {"openrouter"}
"""Who knows the role `developer`."""

_IDS = {"mistral": (r"[A-Za-z0-9]{9}", "calls")}
"""Mistral takes ids of nine letters and digits
(https://docs.mistral.ai/capabilities/function_calling/)."""
_USUAL_IDS = (r"[\s\S]{1,40}", "call_")
"""OpenAI's server long refused more than forty characters, and others may."""

_MOST_STOPS = 4
_TIERS = frozenset({"auto", "default", "flex", "priority", "scale"})
_KEPT = ("prompt_cache_key", "prompt_cache_options", "safety_identifier")
"""Keys of OpenAI's other format that mean the same here."""


def encode_request(request: Request, dialect: Dialect) -> EncodedRequest:
    """The body that asks the same, and what became of what it cannot hold."""
    losses = Losses()
    if not _takes_custom_tools(dialect):
        request = as_functions(request, losses)
    search, request = parted(request) if _searches(dialect) else (None, request)
    kept = _kept_for_openai(request, dialect)
    body: dict[str, Json] = {"model": dialect.model}
    body["messages"] = _messages(request, dialect, losses)
    body |= write_tools(request, search, losses)
    body |= _limit(request, dialect) | _sampling(request, losses) | _stop(request, losses)
    body |= write_output(request.output, losses)
    body |= (
        _reasoning(request.reasoning, dialect.model, losses)
        | _rest(request, dialect, losses)
        | kept
    )
    if dialect.stream:
        losses.add("+stream_options")
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    note_state(request.extra, losses, kept=kept)
    return EncodedRequest(body=body, losses=losses.codes)


def _takes_custom_tools(dialect: Dialect) -> bool:
    """OpenAI's newer models do; a deployment on Azure has a name that says nothing."""
    newer = dialect.provider == "openai" and _CUSTOM_TOOLS.match(dialect.model) is not None
    return newer or dialect.provider == "azure"


def _searches(dialect: Dialect) -> bool:
    return dialect.provider in _OPENAI and _SEARCHING.match(dialect.model) is not None


def _messages(request: Request, dialect: Dialect, losses: Losses) -> list[Json]:
    leading, turns = conversation_of(request, losses)
    pattern, made = _IDS.get(dialect.provider, _USUAL_IDS)
    messages: list[Json] = []
    for turn in [*leading, *linked(turns, pattern, made, losses)]:
        messages += _turn(turn, dialect, losses)
    return messages


def _turn(turn: Turn, dialect: Dialect, losses: Losses) -> Sequence[Json]:
    if turn.role == "assistant":
        written = write_assistant(turn.parts, losses)
        return [_with_name(written, turn)] if written else []
    results, moved = write_results(turn.parts, losses)
    items = [*moved, *write_user(turn.parts, losses)]
    role = (
        "system" if turn.role == "developer" and dialect.provider not in _DEVELOPER else turn.role
    )
    message: dict[str, Json] = {"role": role, "content": content_of(items)}
    return [*results, _with_name(message, turn)] if items or not results else results


def _with_name(message: dict[str, Json], turn: Turn) -> dict[str, Json]:
    return message | ({"name": turn.name} if turn.name else {})


def _limit(request: Request, dialect: Dialect) -> dict[str, Json]:
    """OpenAI renamed the limit; its newer models refuse the old name, other servers the new one."""
    own = dialect.provider == "azure" or _OWN_MODELS.match(dialect.model) is not None
    key = "max_completion_tokens" if dialect.provider in _OPENAI and own else "max_tokens"
    return {} if request.max_tokens is None else {key: request.max_tokens}


def _sampling(request: Request, losses: Losses) -> dict[str, Json]:
    if request.top_k is not None:
        losses.add("top_k")
    named: dict[str, Json] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "seed": request.seed,
        "frequency_penalty": request.frequency_penalty,
        "presence_penalty": request.presence_penalty,
        "n": request.choice_count,
    }
    return {key: value for key, value in named.items() if value is not None}


def _stop(request: Request, losses: Losses) -> dict[str, Json]:
    stops: list[Json] = list(request.stop_sequences)
    if len(stops) > _MOST_STOPS:
        losses.add("stop.count")
    return {"stop": stops[:_MOST_STOPS]} if stops else {}


def _reasoning(reasoning: Reasoning | None, model: str, losses: Losses) -> dict[str, Json]:
    if reasoning is None:
        return {}
    anthropic = reasoning.mode is not None
    if reasoning.summary is not None:
        losses.add("thinking.display" if anthropic else "reasoning.summary")
    losses.keys(reasoning.extra, "thinking." if anthropic else "reasoning.")
    effort = effort_of(reasoning, model, losses)
    return {"reasoning_effort": effort} if effort else {}


def _rest(request: Request, dialect: Dialect, losses: Losses) -> dict[str, Json]:
    body: dict[str, Json] = {"verbosity": request.verbosity, "user": request.user}
    tier = request.service_tier
    if tier in _TIERS and dialect.provider in _OPENAI:
        body["service_tier"] = tier
    elif tier is not None and tier != "auto":
        losses.add("service_tier")
    return {key: value for key, value in body.items() if value is not None}


def _kept_for_openai(request: Request, dialect: Dialect) -> dict[str, Json]:
    if dialect.provider not in _OPENAI:
        return {}
    kept = {key: request.extra[key] for key in _KEPT if key in request.extra}
    metadata = request.extra.get("metadata")
    if isinstance(metadata, dict) and all(isinstance(text, str) for text in metadata.values()):
        kept["metadata"] = metadata
    return kept
