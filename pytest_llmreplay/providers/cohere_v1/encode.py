"""Writing the plain answer of Cohere's first chat."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.ids import made_id
from pytest_llmreplay.providers.cohere_chat.usage import write_usage

from .answer import finish_class
from .calls import TOOL_CALLS, write_call

__all__ = ["encode_answer"]

_WORDS: Mapping[FinishReason, str] = {
    "length": "MAX_TOKENS",
    "content_filter": "ERROR_TOXIC",
    "error": "ERROR",
}
"""Finish reasons that are not `COMPLETE`."""


def encode_answer(response: Response) -> dict[str, Json]:
    """The body of a plain answer.

    An answer that was decoded from this format is written as it was; any other gets the keys that
    clients rely on. The format knows one choice only.
    """
    decoded = isinstance(response.extra.get("text"), str)
    body = dict(response.extra)
    if not decoded:
        body |= {name: made_id("", response, name) for name in ("response_id", "generation_id")}
    if response.id is not None:
        body["response_id"] = response.id
    if response.choices:
        body |= _said(response.choices[0], decoded=decoded)
    meta = write_usage(response.usage) if not decoded or response.usage.raw is not None else {}
    return body | ({"meta": meta} if meta else {})


def _said(choice: Choice, *, decoded: bool) -> dict[str, Json]:
    parts = choice.message.parts
    words = [part for part in parts if isinstance(part, TextPart | RefusalPart)]
    body: dict[str, Json] = {"text": "".join(part.content for part in words)}
    cited = [note for part in words if isinstance(part, TextPart) for note in part.annotations]
    if cited and decoded:
        body["citations"] = cited
    calls: list[Json] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            calls.append(write_call(part, decoded=decoded))
        elif isinstance(part, UnknownPart) and part.type == TOOL_CALLS and decoded:
            calls.append(part.raw)
    if calls:
        body[TOOL_CALLS] = calls
    word = _finish_word(choice)
    return body if word is None else body | {"finish_reason": word}


def _finish_word(choice: Choice) -> str | None:
    word, finish = choice.finish_raw, choice.finish_reason
    if word is not None and finish_class(word, choice.message.parts) == finish:
        return word
    return None if finish is None else _WORDS.get(finish, "COMPLETE")
