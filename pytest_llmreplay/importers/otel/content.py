"""What was asked and answered on a span, in each of the spellings that there have been.

* `gen_ai.input.messages` and `gen_ai.output.messages`, on the span or on its event
  `gen_ai.client.inference.operation.details`: the conventions of today.
* `gen_ai.prompt.N.…` and `gen_ai.completion.N.…`, before that `llm.prompts.N.…`: OpenLLMetry.
* `llm.input_messages.N.message.…`: OpenInference, whose `input.value` and `output.value` may be
  whole bodies, which tell more: each item of a response is a message there.
* `ai.prompt.messages`, `ai.response.text` and `ai.response.toolCalls`: Vercel's AI SDK.
* Events `gen_ai.content.prompt` and `gen_ai.content.completion`, and one event per message
  (`gen_ai.user.message` … `gen_ai.choice`): older versions of the conventions.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/non-normative/migration.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.ai_sdk import ai_sdk_call
from pytest_llmreplay.importers.neutral.bodies import came_body, sent_body
from pytest_llmreplay.importers.neutral.converse import are_converse_blocks
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.providers.fields import as_list, as_object, as_objects, as_text

from .attributes import indexed
from .google_events import google_asked, google_choices
from .otlp import Span, SpanEvent

__all__ = ["CHOICE", "DETAILS", "SAYING", "answered_on", "asked_on", "tools_on"]

DETAILS = "gen_ai.client.inference.operation.details"
_PROMPTS = ("gen_ai.prompt", "llm.prompts")
_COMPLETIONS = ("gen_ai.completion", "llm.completions")
_ROLES = ("system", "user", "assistant", "tool")
CHOICE = "gen_ai.choice"
SAYING = frozenset({DETAILS, CHOICE, *(f"gen_ai.{role}.message" for role in _ROLES)})
"""Names of the events that tell what was said; they may be records of a log."""


def asked_on(span: Span, attributes: Mapping[str, Json]) -> Json:
    """The conversation; none where the span does not tell it.

    Args:
        span: The span.
        attributes: Its attributes, with those of its details.
    """
    spelled = [
        _value(attributes, "gen_ai.input.messages"),
        *(_flat(attributes, prefix) for prefix in _PROMPTS),
        sent_body(attributes.get("input.value")),
        *(_value(attributes, name) for name in _of_logfire(attributes, "input", "request_data")),
        _flat(attributes, "llm.input_messages"),
        _value(attributes, "ai.prompt.messages"),
        _on_event(span.events, "gen_ai.content.prompt", "gen_ai.prompt"),
        google_asked(span, attributes),
        [*_answering(_messages(span.events))],
        _value(attributes, "gen_ai.prompt"),
        _value(attributes, "llm.prompts"),
        _value(attributes, "input.value"),
    ]
    return next((found for found in spelled if found), None)


def answered_on(span: Span, attributes: Mapping[str, Json]) -> Json:
    """The answer; none where the span does not tell it."""
    spelled = [
        _value(attributes, "gen_ai.output.messages"),
        *(_with_thoughts(_flat(attributes, prefix)) for prefix in _COMPLETIONS),
        came_body(attributes.get("output.value")),
        *(_value(attributes, name) for name in _of_logfire(attributes, "output", "response_data")),
        _flat(attributes, "llm.output_messages"),
        _of_ai_sdk(attributes),
        _on_event(span.events, "gen_ai.content.completion", "gen_ai.completion"),
        google_choices(span, attributes),
        [*_choices(span.events)],
        _value(attributes, "gen_ai.completion"),
        _value(attributes, "llm.completions"),
        _value(attributes, "output.value"),
    ]
    return next((found for found in spelled if found), None)


def _of_logfire(attributes: Mapping[str, Json], *names: str) -> Iterable[str]:
    """Names of attributes of Logfire alone, whose spans say that they are its."""
    return names if "logfire.span_type" in attributes else ()


def _of_ai_sdk(attributes: Mapping[str, Json]) -> Json:
    """The answer that the AI SDK tells: words, an object or calls."""
    words = attributes.get("ai.response.text") or attributes.get("ai.response.object")
    calls = [ai_sdk_call(call) for call in as_objects(_value(attributes, "ai.response.toolCalls"))]
    if not words and not calls:
        return None
    message: dict[str, Json] = {"role": "assistant", "content": words or None}
    return message | ({"tool_calls": [*calls]} if calls else {})


def tools_on(attributes: Mapping[str, Json]) -> Json:
    """The tools that were offered, each by the names of some format."""
    names = ("gen_ai.tool.definitions", "llm.request.functions", "ai.prompt.tools")
    listed = next((tools for tools in (_value(attributes, name) for name in names) if tools), None)
    named = listed if isinstance(listed, list) else indexed(attributes, "llm.request.functions")
    return [_function(tool) for tool in [*named, *_open_inference_tools(attributes)]]


def _open_inference_tools(attributes: Mapping[str, Json]) -> Iterator[Json]:
    for entry in indexed(attributes, "llm.tools"):
        yield as_object(entry.get("tool")).get("json_schema")


def _function(listed: Json) -> Json:
    """A tool by the names of chat completions; OpenLLMetry and the conventions tell it flat."""
    tool = from_text(listed)
    if not isinstance(tool, dict) or "function" in tool or "input_schema" in tool:
        return tool
    if isinstance(of_converse := tool.get("toolSpec"), dict):
        inner = as_object(of_converse.get("inputSchema")).get("json")
        tool = {**of_converse, "parameters": inner}
    named = {key: tool[key] for key in ("name", "description") if tool.get(key)}
    parameters = from_text(tool.get("parameters") or tool.get("inputSchema"))
    function = {**named, "parameters": parameters}
    return {"type": "function", "function": function}


def _value(attributes: Mapping[str, Json], name: str) -> Json:
    return from_text(attributes.get(name))


def _flat(attributes: Mapping[str, Json], prefix: str) -> list[Json]:
    return [_message(entry) for entry in indexed(attributes, prefix)]


def _with_thoughts(messages: list[Json]) -> list[Json]:
    """The alternatives of an answer; OpenLLMetry once told thoughts as one of them."""
    thoughts = [one["content"] for one in as_objects(messages) if one["role"] == "thinking"]
    answers = [one for one in as_objects(messages) if one["role"] != "thinking"]
    if not thoughts or not answers:
        return messages
    return [{**answers[0], "reasoning_content": thoughts[0]}, *answers[1:]]


def _message(entry: Mapping[str, Json]) -> dict[str, Json]:
    """A message by the names of chat completions."""
    inner = entry.get("message")  # OpenInference tells everything under it
    held = inner if isinstance(inner, dict) else entry
    message: dict[str, Json] = {
        "role": as_text(held.get("role")) or "assistant",
        "content": _content(held),
    }
    calls = held.get("tool_calls")
    if isinstance(calls, list) and calls:
        message["tool_calls"] = [_call(call) for call in calls]
    for name in ("tool_call_id", "name", "finish_reason"):
        if (text := as_text(held.get(name))) is not None:
            message[name] = text
    return message


def _content(held: Mapping[str, Json]) -> Json:
    """Words, or blocks that were written as a text."""
    if "contents" in held:  # OpenInference
        return _contents(held["contents"])
    blocks = from_text(held.get("content"))
    typed = isinstance(blocks, list) and all(
        isinstance(block, dict) and "type" in block for block in blocks
    )
    return blocks if typed or are_converse_blocks(blocks) else held.get("content")


def _contents(value: Json) -> Json:
    items = as_list(value)
    blocks = (item.get("message_content") for item in items if isinstance(item, dict))
    return [_block(block) for block in blocks if isinstance(block, dict)]


def _block(block: dict[str, Json]) -> Json:
    url = as_object(as_object(block.get("image")).get("image")).get("url")
    if url is not None:
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "text", "text": block.get("text")}


def _call(listed: Json) -> Json:
    """A tool call, told flat, as OpenAI does, or under `tool_call` as OpenInference does."""
    outer = as_object(listed)
    inner = outer.get("tool_call")
    call = inner if isinstance(inner, dict) else outer
    function = call.get("function")
    held = function if isinstance(function, dict) else call
    asked = held.get("arguments", "{}")
    return {
        "id": call.get("id"),
        "type": "function",
        "function": {"name": as_text(held.get("name")) or "", "arguments": asked},
    }


def _on_event(events: Sequence[SpanEvent], name: str, attribute: str) -> Json:
    found = (event.attributes.get(attribute) for event in events if event.name == name)
    return from_text(next(found, None))


def _messages(events: Sequence[SpanEvent]) -> Iterator[dict[str, Json]]:
    """The messages that events tell one by one."""
    for event in events:
        role = event.name.removeprefix("gen_ai.").removesuffix(".message")
        if event.name == f"gen_ai.{role}.message" and role in _ROLES:
            yield _told_message(event.attributes, role)


def _answering(messages: Iterable[dict[str, Json]]) -> Iterator[Json]:
    """Results of tools with the ids of the calls that they answer, which some events leave out."""
    waiting: list[Json] = []
    for message in messages:
        calls = message.get("tool_calls")
        waiting += [call["id"] for call in as_objects(calls)]
        if message["role"] == "tool" and waiting:
            message["tool_call_id"] = message.get("tool_call_id") or waiting[0]
            waiting = [call_id for call_id in waiting if call_id != message["tool_call_id"]]
        yield message


def _choices(events: Sequence[SpanEvent]) -> Iterator[Json]:
    for event in events:
        if event.name == CHOICE:
            held = from_text(event.attributes.get("message"))
            content = {"content": held} if isinstance(held, str | list) else {}  # Strands Agents
            inner = held if isinstance(held, dict) else content
            yield _told_message({**event.attributes, **inner}, "assistant")


def _told_message(attributes: Mapping[str, Json], role: str) -> dict[str, Json]:
    entry = {"role": role, **{name: from_text(value) for name, value in attributes.items()}}
    entry["content"] = attributes.get("content")
    if role == "tool":
        entry["tool_call_id"] = attributes.get("id")
    return _message(entry)
