"""Reading a prompt and its parameters, in the names of every maker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from pytest_llmreplay.event import BlobPart, Json, Message, Part, Request, TextPart
from pytest_llmreplay.providers.fields import Fields
from pytest_llmreplay.providers.media import image_type

__all__ = ["PROMPTS", "read_request"]

PROMPTS = ("prompt", "inputText")
_NESTED = "textGenerationConfig"
_LIMITS = (
    *("max_tokens", "max_gen_len", "max_tokens_to_sample"),
    *("maxTokens", "maxTokenCount", "max_new_tokens"),
)

_Value = TypeVar("_Value")


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`, in their places."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    inner = Fields(fields.rest.get(_NESTED))
    told = inner if inner.rest else fields  # Titan's parameters stand one level deeper
    request = Request(
        model=model,
        stream=stream,
        messages=_read_prompt(fields),
        max_tokens=_first(told.integer, _LIMITS),
        temperature=told.number("temperature"),
        top_p=_first(told.number, ("top_p", "p", "topP")),
        top_k=_first(told.integer, ("top_k", "k", "topK")),
        seed=told.integer("seed"),
        stop_sequences=_stops(told),
        frequency_penalty=_first(told.number, ("frequency_penalty", "frequencyPenalty")),
        presence_penalty=_first(told.number, ("presence_penalty", "presencePenalty")),
        choice_count=_first(told.integer, ("num_generations", "numResults", "n")),
        extra=fields.rest,
    )
    if inner is told:
        del fields.rest[_NESTED]
        fields.leave(_NESTED, inner.rest)
    return request


def _read_prompt(fields: Fields) -> tuple[Message, ...]:
    """The prompt as what a user says, with the images that some take beside it."""
    text = _first(fields.text, PROMPTS)
    said: list[Part] = [] if text is None else [TextPart(content=text)]
    images = [
        BlobPart(modality="image", content=image, mime_type=image_type(image))
        for image in fields.words("images")
    ]
    parts = (*said, *images)
    return (Message(role="user", parts=parts),) if parts else ()


def _stops(told: Fields) -> tuple[str, ...]:
    return _first(told.words, ("stop", "stop_sequences", "stopSequences")) or ()


def _first(take: Callable[[str], _Value], keys: Iterable[str]) -> _Value | None:
    """The first of several names that says something."""
    return next((value for value in map(take, keys) if value not in (None, ())), None)
