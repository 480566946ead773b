"""The plain answer of Cohere's first chat, read and written."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import ended_for_calls, made_id, take_counts
from pytest_llmreplay.providers.cohere_chat.answer import FINISH
from pytest_llmreplay.providers.cohere_chat.usage import read_usage, write_usage
from pytest_llmreplay.providers.fields import Fields

from .tools import TOOL_CALLS, read_call, write_call

__all__ = ["encode_answer", "read_answer"]

_FINISH: dict[str, FinishReason] = {
    **FINISH,
    "ERROR_TOXIC": "content_filter",
    "ERROR_LIMIT": "length",
    "USER_CANCEL": "error",
}

_WORDS: Mapping[FinishReason, str] = {
    "length": "MAX_TOKENS",
    "content_filter": "ERROR_TOXIC",
    "error": "ERROR",
}
"""Finish reasons that are not `COMPLETE`."""


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no words.

    Where they stood an empty text is left.
    """
    text = body.get("text")
    if not isinstance(text, str):
        return None
    fields = Fields(body | {"text": ""})
    calls = tuple(read_call(call) for call in fields.items(TOOL_CALLS))
    said = TextPart(content=text, annotations=tuple(fields.items("citations") if text else ()))
    parts: tuple[Part, ...] = (*([said] if text else ()), *calls)
    usage = take_counts(fields, "meta", read_usage)
    word = fields.text("finish_reason")
    choice = Choice(
        message=Message(role="assistant", parts=parts),
        finish_reason=finish_class(word, parts),
        finish_raw=word,
    )
    return Response(
        id=fields.text("response_id"), choices=(choice,), usage=usage, extra=fields.rest
    )


def finish_class(word: str | None, parts: tuple[Part, ...]) -> FinishReason | None:
    """The class of a finish reason; the oldest answers tell none."""
    return None if word is None else ended_for_calls(_FINISH.get(word), parts)


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
