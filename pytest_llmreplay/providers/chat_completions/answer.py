"""Reading the plain answer of chat completions."""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    Response,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import ended_for_calls, take_counts
from pytest_llmreplay.providers.fields import Fields

from .message import read_content, read_message_parts
from .usage import read_usage

__all__ = ["STOP_REASON", "WHOLE_CHOICE", "finish_class", "read_answer", "read_choices"]

STOP_REASON = "stop_reason"
"""What Mistral's models on Bedrock call the finish reason; an empty text is left of it."""
WHOLE_CHOICE = "choice"
"""Type of an unknown part that is a choice as a whole."""

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "tool_call",
    "function_call": "tool_call",
    "tool_use": "tool_call",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "error": "error",
}


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no choices."""
    return read_choices(body, _read_choice)


def read_choices(
    body: dict[str, Json], read_choice: Callable[[Json], tuple[Choice, Json]]
) -> Response | None:
    """An answer that has choices.

    Args:
        body: Of the answer.
        read_choice: Gives a choice, and what is left of its JSON.

    Returns:
        The neutral answer; `None` when the body has no choices.
    """
    choices = body.get("choices")
    if not isinstance(choices, list):
        return None
    fields = Fields(body)
    read = [read_choice(choice) for choice in choices]
    usage = take_counts(fields, "usage", read_usage)
    fields.rest["choices"] = [rest for _, rest in read]
    return Response(
        id=fields.text("id"),
        model=fields.text("model"),
        choices=tuple(choice for choice, _ in read),
        usage=usage,
        extra=fields.rest,
    )


def finish_class(word: str | None, parts: tuple[Part, ...]) -> FinishReason | None:
    """The class of a finish reason."""
    return None if word is None else ended_for_calls(_FINISH.get(word), parts)


def _read_choice(value: Json) -> tuple[Choice, dict[str, Json]]:
    if not isinstance(value, dict):
        whole = UnknownPart(type=WHOLE_CHOICE, raw=value)
        message = Message(role="assistant", parts=(whole,))
        return Choice(message=message, finish_reason=None), {}
    fields = Fields(value)
    message = Message(role="assistant", parts=())
    if isinstance(value.get("message"), dict):
        message = _read_message(fields.rest.pop("message"))
    else:
        fields.rest.setdefault("message", None)
    word = fields.any_text("finish_reason")
    if word is None and (word := fields.text(STOP_REASON)) is not None:
        fields.rest[STOP_REASON] = ""
    finish = finish_class(word, message.parts)
    return Choice(message=message, finish_reason=finish, finish_raw=word), fields.rest


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    if not fields.word("role", "assistant"):
        fields.rest.setdefault("role", None)
    parts = read_message_parts(fields, read_content)
    return Message(role="assistant", parts=tuple(parts), extra=fields.rest)
