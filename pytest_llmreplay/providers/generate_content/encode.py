"""Writing the plain answer of generateContent."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    RefusalPart,
    Response,
    UnknownPart,
)
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.google_format import Names, put

from .answer import BLOCKED, REFUSED, WHOLE_CANDIDATE, finish_class, finish_word
from .encode_part import encode_part
from .usage import write_usage

__all__ = ["encode_answer"]

_WORDS: dict[FinishReason, str] = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "tool_call": "STOP",
    "compaction": "STOP",
    "error": "OTHER",
}


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on.
    """
    body = dict(response.extra)
    rests = body.get("candidates")
    candidates: list[Json] = [
        _encode_candidate(choice, rest=_rest_of(rests, index))
        for index, choice in enumerate(response.choices)
        if not _is_blocked(choice)
    ]
    if candidates or isinstance(rests, list):
        body["candidates"] = candidates
    usage = write_usage(response.usage)
    if usage or response.usage.raw == {}:
        put(body, "usageMetadata", usage)
    if response.model is not None:
        put(body, "modelVersion", response.model)
    if response.id is not None:
        put(body, "responseId", response.id)
    return body


def _is_blocked(choice: Choice) -> bool:
    """Whether a choice stands for a blocked prompt, which `promptFeedback` tells."""
    return any(BLOCKED in part.extra for part in choice.message.parts)


def _rest_of(rests: Json, index: int) -> dict[str, Json] | None:
    """What decoding left of a candidate; none of one that came from elsewhere."""
    rest = rests[index] if isinstance(rests, list) and index < len(rests) else None
    return dict(rest) if isinstance(rest, dict) else None


def _encode_candidate(choice: Choice, *, rest: dict[str, Json] | None) -> Json:
    message = choice.message
    for part in message.parts:
        if isinstance(part, UnknownPart) and part.type == WHOLE_CANDIDATE:
            return part.raw
    body: dict[str, Json] = {"content": {"role": "model"}} if rest is None else rest
    _put_parts(body, message, decoded=rest is not None)
    word = _finish_word(choice)
    if word is not None and word != finish_word(Names(body).rest.get("finishReason")):
        put(body, "finishReason", word)
    _put_refusal(body, message)
    return body


def _put_parts(body: dict[str, Json], message: Message, *, decoded: bool) -> None:
    parts = [encoded for part in message.parts for encoded in encode_part(part, decoded=decoded)]
    content = dict(as_object(body.get("content")))
    if parts or "parts" in content:
        body["content"] = content | {"parts": parts}


def _put_refusal(body: dict[str, Json], message: Message) -> None:
    """The words of a refusal that no finish reason has told, as another provider's."""
    if refusal := _refused_in_words(message):
        put(body, "finishMessage", refusal)


def _refused_in_words(message: Message) -> str:
    refusals = (part for part in message.parts if isinstance(part, RefusalPart))
    return "".join(part.content for part in refusals if REFUSED not in part.extra)


def _finish_word(choice: Choice) -> str | None:
    """The finish reason in the words of this format, which has one of its own for a refusal."""
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and finish_class(word, choice.message.parts) == finish:
        return word
    if finish == "stop" and _refused_in_words(choice.message):
        return _WORDS["content_filter"]
    return None if finish is None else _WORDS[finish]
