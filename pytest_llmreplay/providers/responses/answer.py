"""Reading the plain answer of responses."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    CompactionPart,
    FinishReason,
    Json,
    Message,
    Part,
    Response,
)
from pytest_llmreplay.providers.answers.envelope import ended_for_calls, take_counts
from pytest_llmreplay.providers.fields import Fields

from .items import read_item
from .usage import read_usage

__all__ = ["INCOMPLETE", "finish_class", "read_answer"]

INCOMPLETE = "incomplete: "
"""Begins the finish reason of an answer that was cut; its reason follows."""

_FINISH: dict[str, FinishReason] = {
    "completed": "stop",
    "complete": "stop",
    "failed": "error",
    "cancelled": "error",
    f"{INCOMPLETE}max_output_tokens": "length",
    f"{INCOMPLETE}max_messages": "length",
    f"{INCOMPLETE}content_filter": "content_filter",
}


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no list of items."""
    output = body.get("output")
    if not isinstance(output, list):
        return None
    fields = Fields(body)
    fields.rest["output"] = []
    parts = tuple(part for item in output for part in read_item(item))
    usage = take_counts(fields, "usage", read_usage)
    word = _finish_word(fields)
    message = Message(role="assistant", parts=parts)
    choice = Choice(message=message, finish_reason=finish_class(word, parts), finish_raw=word)
    return Response(
        id=fields.text("id"),
        model=fields.text("model"),
        choices=(choice,),
        usage=usage,
        extra=fields.rest,
    )


def finish_class(word: str | None, parts: tuple[Part, ...]) -> FinishReason | None:
    """The class of an ending; none while an answer is queued or in progress."""
    found = ended_for_calls(_FINISH.get(word or ""), parts)
    if found == "stop" and parts and all(isinstance(part, CompactionPart) for part in parts):
        return "compaction"
    return found


def _finish_word(fields: Fields) -> str | None:
    """The status, with the reason where the answer is not whole."""
    word = fields.text("status")
    details = Fields(fields.rest.get("incomplete_details"))
    reason = details.text("reason") if word == "incomplete" else None
    if reason is None:
        return word
    fields.rest["incomplete_details"] = details.rest
    return f"{INCOMPLETE}{reason}"
