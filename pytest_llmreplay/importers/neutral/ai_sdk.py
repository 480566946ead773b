"""Messages of Vercel's AI SDK, as its telemetry tells them.

https://ai-sdk.dev/docs/reference/ai-sdk-core/model-message
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_objects, as_text

from .decoding import from_text

__all__ = ["AROUND", "ai_sdk_call", "are_ai_sdk_calls", "is_ai_sdk", "wire_messages"]

AROUND = frozenset(
    f"ai.{verb}{what}" for verb in ("generate", "stream") for what in ("Object", "Text")
)
"""Names of the spans around the calls of a model, which tell the same once more."""

_CALL = "tool-call"
_RESULTS = frozenset({"tool-error", "tool-result"})
_OWN = _RESULTS | {_CALL}
_MEDIA = frozenset({"file", "image"})


def is_ai_sdk(message: Json) -> bool:
    """Whether a message has parts that only this SDK writes."""
    return any(_kind(part) in _OWN or _is_media(part) for part in _parts(message))


def are_ai_sdk_calls(calls: list[Json]) -> bool:
    """Whether a list holds the calls of tools that an answer makes."""
    return bool(calls) and all(isinstance(one, dict) and "toolCallId" in one for one in calls)


def wire_messages(message: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The message by the names of chat completions; each result of a tool is one of its own."""
    parts = _parts(message)
    for part in parts:
        if _kind(part) in _RESULTS:
            name = part.get("toolCallId")
            yield {"role": "tool", "tool_call_id": name, "content": _result(part)}
    blocks = [_block(part) for part in parts if _kind(part) not in _OWN | {"reasoning"}]
    calls: list[Json] = [ai_sdk_call(part) for part in parts if _kind(part) == _CALL]
    if blocks or calls:
        wire: dict[str, Json] = {"role": message.get("role"), "content": blocks or None}
        yield wire | ({"tool_calls": calls} if calls else {})


def ai_sdk_call(call: Mapping[str, Json]) -> dict[str, Json]:
    """A call of a tool by the names of chat completions."""
    asked = call.get("input", call.get("args"))
    arguments = asked if isinstance(asked, str) else json.dumps(asked, ensure_ascii=False)
    function: dict[str, Json] = {
        "name": as_text(call.get("toolName")) or "",
        "arguments": arguments,
    }
    return {"id": call.get("toolCallId"), "type": "function", "function": function}


def _parts(message: Json) -> list[dict[str, Json]]:
    return as_objects(from_text(message.get("content")) if isinstance(message, dict) else None)


def _kind(part: Mapping[str, Json]) -> str:
    return as_text(part.get("type")) or ""


def _is_media(part: Mapping[str, Json]) -> bool:
    return _kind(part) in _MEDIA and ("mediaType" in part or "mimeType" in part)


def _block(part: dict[str, Json]) -> Json:
    """A part that says or shows something."""
    if not _is_media(part):
        return part
    kind = as_text(part.get("mediaType")) or as_text(part.get("mimeType")) or ""
    data = as_text(part.get("image")) or as_text(part.get("data")) or ""
    url = data if ":" in data[:8] else f"data:{kind};base64,{data}"
    if _kind(part) == "image" or kind.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    name = as_text(part.get("filename")) or "file"
    return {"type": "file", "file": {"filename": name, "file_data": url}}


def _result(part: Mapping[str, Json]) -> str:
    """What a tool answered, as the text that the model was given."""
    result = part.get("output", part.get("result", part.get("error")))
    if isinstance(result, dict) and result.keys() >= {"type", "value"}:
        result = result["value"]
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
