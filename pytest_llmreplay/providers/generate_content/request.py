"""Reading a generateContent request."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Message, Part, Request, Role
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.google_format import normalised

from .config import leave_words, read_output, read_reasoning
from .parts import read_part
from .tools import read_choice, read_tools

__all__ = ["read_request"]

_ROLES: dict[str, Role] = {"user": "user", "model": "assistant", "function": "tool"}


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`, with keys in camelCase."""
    fields = Fields(normalised(body))
    config = _read_config(fields)
    request = Request(
        model=model,
        stream=stream,
        system_instructions=_read_instructions(fields),
        messages=tuple(_read_turn(turn) for turn in _listed(fields, "contents")),
        tools=read_tools(fields),
        tool_choice=read_choice(fields),
        max_tokens=config.whole_number("maxOutputTokens"),
        temperature=config.number("temperature"),
        top_p=config.number("topP"),
        top_k=config.whole_number("topK"),
        seed=config.whole_number("seed"),
        stop_sequences=config.texts("stopSequences"),
        frequency_penalty=config.number("frequencyPenalty"),
        presence_penalty=config.number("presencePenalty"),
        choice_count=config.whole_number("candidateCount"),
        reasoning=read_reasoning(config),
        output=read_output(config),
        service_tier=fields.text("serviceTier"),
        extra=fields.rest,
    )
    fields.leave("generationConfig", config.rest)
    return request


def _read_config(fields: Fields) -> Fields:
    """`generationConfig`, taken also where all that it says is zero: a temperature, a budget."""
    value = fields.rest.get("generationConfig")
    config = Fields(fields.rest.pop("generationConfig") if isinstance(value, dict) else None)
    leave_words(config)
    return config


def _read_instructions(fields: Fields) -> tuple[Part, ...]:
    """A turn whose role says nothing, or plain words."""
    if not isinstance(fields.rest.get("systemInstruction"), dict | str):
        return ()
    inner = Fields(_as_turn(fields.rest.pop("systemInstruction")))
    parts = tuple(read_part(part) for part in _listed(inner, "parts"))
    for role in ("user", "system"):
        inner.word("role", role)
    fields.leave("systemInstruction", inner.rest)
    return parts


def _read_turn(value: Json) -> Message:
    fields = Fields(_as_turn(value))
    word = as_text(fields.rest.get("role"))
    role = _ROLES.get(word or "user")
    if role is not None:
        fields.rest.pop("role", None)
    parts = tuple(read_part(part) for part in _listed(fields, "parts"))
    return Message(role=role or "user", parts=parts, extra=fields.rest)


def _as_turn(value: Json) -> Json:
    """Clients of old wrote a turn's words alone."""
    if isinstance(value, dict):
        return value
    return {"parts": [{"text": value}]} if isinstance(value, str) else {"turn": value}


def _listed(fields: Fields, key: str) -> list[Json]:
    """Take a list; one object stands for a list of one, as in all of Google's JSON."""
    if isinstance(fields.rest.get(key), dict):
        return [fields.rest.pop(key)]
    return fields.items(key)
