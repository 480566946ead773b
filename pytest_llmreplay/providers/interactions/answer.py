"""Reading the plain answer of interactions.

https://ai.google.dev/api/interactions-api
"""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    Response,
)
from pytest_llmreplay.providers.answers.envelope import ended_for_calls, take_counts
from pytest_llmreplay.providers.fields import Fields, as_text

from .steps import CALL, THOUGHT, read_content, read_step
from .usage import read_usage

__all__ = ["OUTPUTS", "STEPS", "finish_class", "read_answer"]

STEPS = "steps"
"""What the model did, one step after another."""
OUTPUTS = "outputs"
"""The same until June 2026, without steps around what was said:
https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"""

_FINISH: dict[str, FinishReason] = {
    "completed": "stop",
    "requires_action": "tool_call",
    "incomplete": "length",
    "requires_continuation": "length",
    "budget_exceeded": "length",
    "failed": "error",
    "cancelled": "error",
}


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body is no interaction."""
    fields = Fields(body)
    key, items = _did(body)
    if key is None and not (as_text(body.get("id")) and as_text(body.get("status"))):
        return None
    read = read_step if key == STEPS else _read_output
    parts = tuple(part for item in items for part in read(item))
    if key is not None:
        fields.rest[key] = []
    usage = take_counts(fields, "usage", read_usage)
    word = fields.text("status")
    # An answer that waits for its steps tells none; those of other formats never wait.
    message = Message(role="assistant", parts=parts, extra={} if key else {STEPS: None})
    choice = Choice(message=message, finish_reason=finish_class(word, parts), finish_raw=word)
    return Response(
        id=fields.text("id"),
        model=fields.text("model"),
        choices=(choice,),
        usage=usage,
        extra=fields.rest,
    )


def finish_class(word: str | None, parts: tuple[Part, ...]) -> FinishReason | None:
    """The class of a status; none while an answer is queued or in progress."""
    return ended_for_calls(_FINISH.get(word or ""), parts)


def _did(body: dict[str, Json]) -> tuple[str | None, list[Json]]:
    """What the model did, and the key under which that stands."""
    for key in (STEPS, OUTPUTS):
        if isinstance(items := body.get(key), list):
            return key, items
    return None, []


def _read_output(value: Json) -> list[Part]:
    """An output of old: words and media, or what is a step now."""
    kind = as_text(value.get("type")) if isinstance(value, dict) else None
    stepwise = kind in {CALL, THOUGHT} or (kind or "").endswith(("_call", "_result"))
    return read_step(value) if stepwise else [read_content(value)]
