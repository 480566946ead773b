"""Writing the message of a chat completions answer."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import (
    BlobPart,
    Json,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
    UnknownPart,
)
from pytest_llmreplay.providers.answers.citations import cited
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.tools.arguments import arguments_text

from .message import DETAILS, EXECUTED, FORMAT_OF_KEY, MISTRAL
from .tool_calls import TOOL_CALLS

__all__ = ["encode_call", "encode_message"]

_LIST_KEYS = (DETAILS, EXECUTED, "content")
_KEY_OF_FORMAT = {form: key for key, form in FORMAT_OF_KEY.items()}
_NOT_CONTENT = frozenset({DETAILS, TOOL_CALLS})


def encode_message(message: Message, *, decoded: bool, id_prefix: str) -> dict[str, Json]:
    """The message of a choice.

    Args:
        message: What was said.
        decoded: Whether it came from a body of this format, so that nothing is to be filled in.
        id_prefix: Makes the ids of calls that have none.
    """
    extra = dict(message.extra)
    body: dict[str, Json] = {"role": extra.pop("role", "assistant")}
    if body["role"] is None:
        del body["role"]
    if not decoded:
        body |= {"content": None, "refusal": None}
    lists = frozenset(key for key in _LIST_KEYS if extra.get(key) == [])
    body |= extra
    body |= _words(message.parts, as_list="content" in lists)
    if not decoded and (notes := cited(message.parts)):
        body["annotations"] = [note.nested for note in notes]
    body |= _reasoning(message.parts, lists)
    body |= _audio_and_executed(message.parts, lists)
    return body | _calls(message.parts, id_prefix)


def _words(parts: Iterable[Part], *, as_list: bool) -> dict[str, Json]:
    if as_list:
        items = [item for part in parts for item in _content_items(part)]
        return {"content": items} | _refusal(parts)
    texts = [part for part in parts if isinstance(part, TextPart)]
    notes = [note for part in texts for note in part.annotations]
    body: dict[str, Json] = {"annotations": notes} if notes else {}
    if texts:
        body["content"] = "".join(part.content for part in texts)
    return body | _refusal(parts)


def _refusal(parts: Iterable[Part]) -> dict[str, Json]:
    refusals = [
        part.content for part in parts if isinstance(part, RefusalPart) and "type" not in part.extra
    ]
    return {"refusal": "".join(refusals)} if refusals else {}


def _content_items(part: Part) -> list[Json]:
    """The item of a list of content that a part is, if it is one."""
    match part:
        case TextPart():
            return [{"type": "text", "text": part.content, **part.extra}]
        case ReasoningPart(format="mistral"):
            return [_thinking(part)]
        case RefusalPart() if "type" in part.extra:
            return [{"refusal": part.content, **part.extra}]
        case UnknownPart() if part.type not in _NOT_CONTENT:
            return [part.raw]
        case _:
            return []


def _thinking(part: ReasoningPart) -> Json:
    words: Json = [{"type": "text", "text": part.content}]
    item: dict[str, Json] = {"type": "thinking", "thinking": words, **part.extra}
    if item["thinking"] is None:
        del item["thinking"]
    return item


def _reasoning(parts: Iterable[Part], lists: frozenset[str]) -> dict[str, Json]:
    body: dict[str, Json] = {}
    details: list[Json] = []
    thoughts: dict[str, str] = {}
    for part in parts:
        if isinstance(part, UnknownPart) and part.type == DETAILS:
            details.append(part.raw)
        if not isinstance(part, ReasoningPart):
            continue
        if DETAILS in lists and part.format not in _KEY_OF_FORMAT:
            details.append(_detail(part))
        elif part.content and not (part.format == MISTRAL and "content" in lists):
            key = _KEY_OF_FORMAT.get(part.format or "", "reasoning_content")
            thoughts[key] = thoughts.get(key, "") + part.content
    body |= thoughts
    return body | ({DETAILS: details} if details else {})


def _detail(part: ReasoningPart) -> Json:
    named = {
        "summary" if part.summary else "text": part.content or None,
        "signature": part.signature,
        "data": part.encrypted,
        "format": part.format,
        "id": part.id,
    }
    return {**part.extra, **{key: value for key, value in named.items() if value is not None}}


def _audio_and_executed(parts: Iterable[Part], lists: frozenset[str]) -> dict[str, Json]:
    body: dict[str, Json] = {}
    for part in parts:
        if isinstance(part, BlobPart) and part.modality == "audio":
            body["audio"] = {**part.extra, "data": part.content}
    if EXECUTED in lists:
        body[EXECUTED] = [part.raw for part in parts if isinstance(part, ServerToolCallPart)]
    return body


def _calls(parts: Iterable[Part], id_prefix: str) -> dict[str, Json]:
    body: dict[str, Json] = {}
    calls: list[Json] = []
    for part in parts:
        if isinstance(part, UnknownPart) and part.type == TOOL_CALLS:
            calls.append(part.raw)
        elif isinstance(part, ToolCallPart) and part.extra.get("type") == "function_call":
            body["function_call"] = _function(part, part.extra.get("function"), "arguments")
        elif isinstance(part, ToolCallPart):
            calls.append(encode_call(part, f"{id_prefix}{len(calls)}"))
    return body | ({TOOL_CALLS: calls} if calls else {})


def encode_call(part: ToolCallPart, made_id: str) -> Json:
    """One of the tool calls; `made_id` where it has no id."""
    extra = dict(part.extra)
    kind = extra.pop("type", "function")
    call_id = part.id if part.id is not None else extra.pop("id", made_id)
    inner, key = ("custom", "input") if kind == "custom" else ("function", "arguments")
    function = _function(part, extra.pop(inner, None), key)
    call: dict[str, Json] = {"id": call_id, "type": kind, inner: function}
    return {name: value for name, value in call.items() if value is not None} | extra


def _function(part: ToolCallPart, rest: Json, key: str) -> dict[str, Json]:
    """Name and arguments; what decoding left tells when arguments were no text, or not there."""
    left = dict(as_object(rest))
    as_text = key not in left
    was_missing = left.pop(key, ...) is None
    body: dict[str, Json] = {"name": part.name}
    if as_text or (was_missing and part.arguments != {}):
        body[key] = arguments_text(part)
    elif not was_missing:
        body[key] = part.arguments
    return body | left
