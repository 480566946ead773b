"""Reading the plain answer of Cohere's chat, and the parts that answers and requests share."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Json,
    Message,
    Part,
    ReasoningPart,
    Response,
    TextPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.envelope import take_counts
from pytest_llmreplay.providers.chat_completions.tool_calls import TOOL_CALLS, read_call
from pytest_llmreplay.providers.fields import Fields, as_text

from .usage import read_usage

__all__ = ["COHERE", "FINISH", "PLAN", "read_answer", "read_content", "take_calls"]

COHERE = "cohere"
"""Format of reasoning: thoughts, which only Cohere's models may get back."""
PLAN = "cohere-tool-plan"
"""Format of reasoning: which tools the model is going to use, and why."""

FINISH: dict[str, FinishReason] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "TOOL_CALL": "tool_call",
    "MAX_TOKENS": "length",
    "ERROR": "error",
    "TIMEOUT": "error",
}
"""Classes of the finish reasons."""


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no message."""
    inner = body.get("message")
    if not isinstance(inner, dict):
        return None
    fields, message = Fields(body), Fields(inner)
    fields.rest["message"] = {}
    parts = [*[read_content(item) for item in message.items("content")], *take_calls(message)]
    parts = _with_citations(parts, message)
    role = {} if message.word("role", "assistant") else {"role": message.rest.pop("role", None)}
    usage = take_counts(fields, "usage", read_usage)
    word = fields.text("finish_reason")
    choice = Choice(
        message=Message(role="assistant", parts=tuple(parts), extra=message.rest | role),
        finish_reason=FINISH.get(word) if word else None,
        finish_raw=word,
    )
    return Response(id=fields.text("id"), choices=(choice,), usage=usage, extra=fields.rest)


def read_content(value: Json) -> Part:
    """An item of a list of content: words or thoughts."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    text = fields.any_text(kind) if kind in {"text", "thinking"} else None
    if text is None:
        return UnknownPart(type="content", raw=value)
    del fields.rest["type"]
    if kind == "thinking":
        return ReasoningPart(content=text, format=COHERE, extra=fields.rest)
    return TextPart(content=text, extra=fields.rest)


def take_calls(fields: Fields) -> list[Part]:
    """The plan to use tools, and the calls of them."""
    plan = fields.text("tool_plan")
    parts: list[Part] = [] if plan is None else [ReasoningPart(content=plan, format=PLAN)]
    return [*parts, *[read_call(call) for call in fields.items(TOOL_CALLS)]]


def _with_citations(parts: list[Part], message: Fields) -> list[Part]:
    """The citations at the first text, each with the `content_index` that it came with."""
    for place, part in enumerate(parts):
        if isinstance(part, TextPart):
            cited = replace(part, annotations=tuple(message.items("citations")))
            return [*parts[:place], cited, *parts[place + 1 :]]
    return parts
