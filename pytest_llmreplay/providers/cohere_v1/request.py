"""Reading the requests of Cohere's first chat."""

from __future__ import annotations

from pytest_llmreplay.event import (
    Json,
    Message,
    OutputFormat,
    Part,
    Request,
    Role,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.json_values import compact_json

from .tools import read_call, read_tool

__all__ = ["read_request"]

_ROLES: dict[str, Role] = {
    "user": "user",
    "chatbot": "assistant",
    "system": "system",
    "tool": "tool",
}
"""By Cohere's words, which come in capitals or not."""
_RESULTS = "tool_results"


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    preamble = fields.text("preamble")
    before = [_read_turn(turn) for turn in fields.items("chat_history")]
    return Request(
        model=model,
        stream=stream,
        system_instructions=(TextPart(content=preamble),) if preamble else (),
        messages=(*before, *_read_now(fields, before)),
        tools=tuple(read_tool(tool) for tool in fields.items("tools")),
        max_tokens=fields.integer("max_tokens"),
        temperature=fields.number("temperature"),
        top_p=fields.number("p"),
        top_k=fields.integer("k"),
        seed=fields.integer("seed"),
        stop_sequences=fields.words("stop_sequences"),
        frequency_penalty=fields.number("frequency_penalty"),
        presence_penalty=fields.number("presence_penalty"),
        choice_count=fields.integer("num_generations"),
        output=_read_output(fields),
        extra=fields.rest,
    )


def _read_turn(value: Json) -> Message:
    fields = Fields(value)
    if not isinstance(value, dict):
        fields.leave("message", value)
    role = _ROLES.get((as_text(fields.rest.get("role")) or "").lower(), "user")
    fields.text("role")
    text = fields.text("message")
    said: list[Part] = [] if text is None else [TextPart(content=text)]
    calls = [read_call(call) for call in fields.items("tool_calls")]
    parts = (*said, *calls, *[result for _, result in _read_results(fields)])
    return Message(role=role, parts=parts, extra=fields.rest)


def _read_now(fields: Fields, before: list[Message]) -> list[Message]:
    """What the user says, and what the tools answered.

    Calls that the history does not tell stand with their results alone.
    """
    text = fields.text("message")
    said = [] if text is None else [Message(role="user", parts=(TextPart(content=text),))]
    results = _read_results(fields)
    if not results:
        return said
    answered = Message(role="tool", parts=tuple(result for _, result in results))
    if before and any(isinstance(part, ToolCallPart) for part in before[-1].parts):
        return [answered, *said]
    return [*said, Message(role="assistant", parts=tuple(call for call, _ in results)), answered]


def _read_results(fields: Fields) -> list[tuple[Part, Part]]:
    """What tools answered, each with the call that it answers."""
    return [_read_result(Fields(result)) for result in fields.items(_RESULTS)]


def _read_result(fields: Fields) -> tuple[Part, Part]:
    call = read_call(fields.rest.pop("call", None))
    outputs = fields.items("outputs")
    words = (TextPart(content=compact_json(outputs)),) if outputs else ()
    name = call.name if isinstance(call, ToolCallPart) else None
    return call, ToolCallResponsePart(response=words, name=name, extra=fields.rest)


def _read_output(fields: Fields) -> OutputFormat | None:
    """Structured output; the schema is not wrapped in a name, as OpenAI's is."""
    inner = Fields(fields.rest.get("response_format"))
    kind = inner.text("type")
    if kind not in {"text", "json_object"}:
        return None
    del fields.rest["response_format"]
    schema = inner.object("schema") or inner.object("json_schema")
    if schema:
        return OutputFormat(type="json_schema", schema=schema, extra=inner.rest)
    return OutputFormat(type="text" if kind == "text" else "json_object", extra=inner.rest)
