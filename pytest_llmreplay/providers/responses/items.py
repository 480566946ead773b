"""Reading the items of an answer, which stand in later requests as well.

An item can hold several parts. The first of them keeps what is left of the item in its `extra`,
under `message` or `reasoning`; a part without that key belongs to the item before it.
"""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    Json,
    Part,
    ReasoningPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.fields import Fields, as_list, as_text
from pytest_llmreplay.providers.tools.arguments import parse_arguments
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .content import read_output

__all__ = ["IMAGE", "MESSAGE", "OPENAI", "REASONING", "read_item"]

OPENAI = "openai-responses"
"""Format of reasoning: only the model that wrote it may get it back."""
MESSAGE, REASONING = "message", "reasoning"
"""Types of items that hold several parts, and where their first part keeps what is left."""
IMAGE = "image_generation_call"

_RESULTS = frozenset({"mcp_list_tools", "mcp_approval_response"})
_ENTRIES = {"summary": "summary_text", "content": "reasoning_text"}
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}


def read_item(value: Json) -> list[Part]:
    """The parts of an item that the model wrote; never none."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    found: list[Part] = []
    if kind == MESSAGE:
        found = _read_message(fields)
    elif kind == REASONING:
        found = _read_reasoning(fields)
    elif (part := _read_single(fields, kind, value)) is not None:
        found = [part]
    return found or [UnknownPart(type=kind or "item", raw=value)]


def _read_message(fields: Fields) -> list[Part]:
    """The parts of a message; none where its content is neither words nor a list of parts."""
    content = fields.rest.get("content")
    if isinstance(content, str):
        parts: list[Part] = [TextPart(content=content)]
    else:
        parts = [_in_message(read_output(item)) for item in fields.items("content")]
    if not parts:
        return []
    rest = fields.rest
    if isinstance(content, str):
        rest["content"] = ""  # words, not a list
    fields.word("type", MESSAGE)
    if not fields.word("role", "assistant"):
        rest.setdefault("role", None)
    parts[0] = replace(parts[0], extra={**parts[0].extra, MESSAGE: rest})
    return parts


def _in_message(part: Part) -> Part:
    """An unknown part says that it is no item of its own."""
    return replace(part, extra={MESSAGE: None}) if isinstance(part, UnknownPart) else part


def _read_reasoning(fields: Fields) -> list[Part]:
    """What the model thought, in its own words and summed up; often only encrypted."""
    entries = [
        _read_entry(entry, summary=key == "summary")
        for key in _ENTRIES
        for entry in as_list(fields.rest.get(key))
    ]
    parts: list[Part] = [entry for entry in entries if entry is not None]
    if len(parts) < len(entries) or not (parts or "summary" in fields.rest):
        return []
    for key in _ENTRIES:
        fields.items(key)
    del fields.rest["type"]
    first = parts[0] if parts else ReasoningPart(content="", format=OPENAI, summary=True)
    assert isinstance(first, ReasoningPart)
    item_id, encrypted = fields.text("id"), fields.text("encrypted_content")
    extra = {**first.extra, REASONING: fields.rest}
    return [replace(first, id=item_id, encrypted=encrypted, extra=extra), *parts[1:]]


def _read_entry(value: Json, *, summary: bool) -> ReasoningPart | None:
    fields = Fields(value)
    text = fields.any_text("text")
    if text is None or not fields.word("type", _ENTRIES["summary" if summary else "content"]):
        return None
    return ReasoningPart(content=text, format=OPENAI, summary=summary, extra=fields.rest)


def _read_single(fields: Fields, kind: str, value: Json) -> Part | None:
    """An item that is one part."""
    if kind in _CALLS:
        return _read_call(fields, kind)
    if kind == IMAGE and (image := fields.text("result")) is not None:
        form = as_text(fields.rest.get("output_format")) or "png"
        return BlobPart(
            modality="image", content=image, mime_type=f"image/{form}", extra=fields.rest
        )
    if kind == "compaction" and (encrypted := fields.text("encrypted_content")) is not None:
        del fields.rest["type"]
        return CompactionPart(encrypted=encrypted, extra=fields.rest)
    item_id = as_text(fields.rest.get("call_id")) or as_text(fields.rest.get("id"))
    if kind.endswith("_output") or kind in _RESULTS:
        return ServerToolCallResponsePart(raw=value, id=item_id)
    if kind.endswith("_call") or kind == "mcp_approval_request":
        name = as_text(fields.rest.get("name")) or kind.removesuffix("_call")
        return ServerToolCallPart(name=name, raw=value, id=item_id)
    return None


def _read_call(fields: Fields, kind: str) -> Part | None:
    """A call of a function of the application; only `call_id` links it with its result."""
    key = _CALLS[kind]
    name = as_text(fields.rest.get("name"))
    if name is None or key not in fields.rest:
        return None
    del fields.rest["type"], fields.rest["name"]
    given = fields.rest.pop(key)
    raw: str | None = None
    if not isinstance(given, str):
        fields.rest[key] = None if given is None else {}  # no text, as it should be
    elif kind == "function_call":
        given, raw = parse_arguments(given)
    else:
        raw = given
    if kind != "function_call":
        fields.rest["type"] = CUSTOM
    return ToolCallPart(
        name=name,
        arguments={} if given is None else given,
        id=fields.text("call_id"),
        arguments_raw=raw,
        extra=fields.rest,
    )
