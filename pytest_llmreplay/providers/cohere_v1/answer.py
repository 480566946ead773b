"""Reading the plain answer of Cohere's first chat."""

from __future__ import annotations

from pytest_llmreplay.event import Choice, FinishReason, Json, Message, Part, Response, TextPart
from pytest_llmreplay.providers.answers.counts import take_counts
from pytest_llmreplay.providers.answers.endings import ended_for_calls
from pytest_llmreplay.providers.cohere_chat.answer import FINISH
from pytest_llmreplay.providers.cohere_chat.usage import read_usage
from pytest_llmreplay.providers.fields import Fields

from .calls import TOOL_CALLS, read_call

__all__ = ["finish_class", "read_answer"]

_FINISH: dict[str, FinishReason] = {
    **FINISH,
    "ERROR_TOXIC": "content_filter",
    "ERROR_LIMIT": "length",
    "USER_CANCEL": "error",
}


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
