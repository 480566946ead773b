"""Reading the plain answer of messages, and the blocks that answers and requests share."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Choice,
    CompactionPart,
    FinishReason,
    Json,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.citations import read_cited_text
from pytest_llmreplay.providers.answers.envelope import take_counts
from pytest_llmreplay.providers.fields import Fields, as_text

from .usage import read_usage

__all__ = ["ANTHROPIC", "FINISH", "REFUSAL", "read_answer", "read_block"]

ANTHROPIC = "anthropic"
"""Format of reasoning: only Anthropic's models may get it back."""
REFUSAL = "refusal"
"""The stop reason of a refusal."""

FINISH: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_call",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    REFUSAL: "content_filter",
    "compaction": "compaction",
}
"""Classes of the stop reasons."""


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no list of blocks."""
    content = body.get("content")
    if not isinstance(content, list):
        return None
    fields = Fields(body)
    fields.rest["content"] = []
    parts = [read_block(block) for block in content]
    usage = take_counts(fields, "usage", read_usage)
    word = fields.text("stop_reason")
    if word == REFUSAL:
        parts.append(_refusal(body.get("stop_details")))
    choice = Choice(
        message=_message(fields, parts),
        finish_reason=FINISH.get(word) if word else None,
        finish_raw=word,
    )
    return Response(
        id=fields.text("id"),
        model=fields.text("model"),
        choices=(choice,),
        usage=usage,
        extra=fields.rest,
    )


def read_block(value: Json) -> Part:
    """A content block of an answer; media and tool results are read by the request."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    match kind:
        case "text":
            part = read_cited_text(fields, "citations")
        case "thinking" | "redacted_thinking":
            part = _read_thinking(fields, kind)
        case "tool_use":
            part = _read_tool_use(fields)
        case "compaction":
            part = _read_compaction(fields)
        case _:
            part = _read_server_block(fields, kind, value)
    return part or UnknownPart(type=kind or "content", raw=value)


def _message(fields: Fields, parts: list[Part]) -> Message:
    extra: dict[str, Json] = {}
    if not fields.word("role", "assistant"):
        extra["role"] = fields.rest.pop("role", None)
    return Message(role="assistant", parts=tuple(parts), extra=extra)


def _refusal(details: Json) -> RefusalPart:
    explanation = as_text(details.get("explanation")) if isinstance(details, dict) else None
    sign = f"stop_reason: {REFUSAL}"
    return RefusalPart(content=explanation or sign, extra={"stop_reason": REFUSAL})


def _read_thinking(fields: Fields, kind: str) -> Part | None:
    encrypted = fields.text("data") if kind == "redacted_thinking" else None
    thought = fields.any_text("thinking") if kind == "thinking" else ""
    if thought is None or (encrypted is None and kind == "redacted_thinking"):
        return None
    del fields.rest["type"]
    signature = fields.text("signature")
    if signature is None and encrypted is None:
        fields.rest.setdefault("signature", None)
    return ReasoningPart(
        content=thought,
        signature=signature,
        encrypted=encrypted,
        format=ANTHROPIC,
        extra=fields.rest,
    )


def _read_tool_use(fields: Fields) -> Part | None:
    name = fields.text("name")
    if name is None:
        return None
    del fields.rest["type"]
    call_id = fields.text("id")
    if call_id is None:
        fields.rest.setdefault("id", None)
    asked = fields.rest.pop("input", None)
    if asked is None:
        fields.rest["input"] = None
    return ToolCallPart(
        name=name,
        arguments={} if asked is None else asked,
        id=call_id,
        arguments_raw=asked if isinstance(asked, str) else None,
        extra=fields.rest,
    )


def _read_compaction(fields: Fields) -> Part | None:
    del fields.rest["type"]
    return CompactionPart(
        content=fields.any_text("content"),
        encrypted=fields.text("encrypted_content"),
        extra=fields.rest,
    )


def _read_server_block(fields: Fields, kind: str, value: Json) -> Part | None:
    if kind in {"server_tool_use", "mcp_tool_use"}:
        name = as_text(fields.rest.get("name")) or kind
        return ServerToolCallPart(name=name, raw=value, id=as_text(fields.rest.get("id")))
    if kind.endswith("_tool_result"):
        call_id = as_text(fields.rest.get("tool_use_id"))
        return ServerToolCallResponsePart(raw=value, id=call_id)
    return None
