"""Answers in the wire format of OpenAI's Responses API, written by hand and apart from the package.

Fields: https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["body_of", "events_of", "last_input_text"]

CREATED = 1_790_000_000


def last_input_text(body: Mapping[str, Any]) -> str:
    """What the user said last."""
    asked = body.get("input", "")
    if isinstance(asked, str):
        return asked
    for item in reversed(asked):
        if item.get("role") == "user":
            content = item.get("content", "")
            parts = [content] if isinstance(content, str) else [p.get("text", "") for p in content]
            return "".join(parts)
    return ""


def body_of(
    number: int, model: str, text: str, calls: Iterable[tuple[str, Mapping[str, Any]]], tokens: int
) -> dict[str, Any]:
    """The whole answer."""
    items = [_message(number, text)] if text else []
    items += [_call(number, place, *call) for place, call in enumerate(calls)]
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": model,
        "output": items,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 12 + tokens,
        },
    }


def events_of(whole: dict[str, Any]) -> list[bytes]:
    """The answer in server-sent events, numbered as the API numbers them."""
    numbered = enumerate(_events(whole))
    return [_event({**event, "sequence_number": number}) for number, event in numbered]


def _message(number: int, text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    head = {"id": f"msg_{number}", "type": "message", "status": "completed", "role": "assistant"}
    return {**head, "content": [part]}


def _call(number: int, place: int, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    ids = {"id": f"fc_{number}_{place}", "call_id": f"call_{number}_{place}"}
    said = {"name": name, "arguments": json.dumps(arguments), "status": "completed"}
    return {"type": "function_call", **ids, **said}


def _events(whole: dict[str, Any]) -> Iterable[dict[str, Any]]:
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    for index, item in enumerate(whole["output"]):
        events = _text_events if item["type"] == "message" else _call_events
        yield from ({**event, "output_index": index} for event in events(item))
    yield {"type": "response.completed", "response": whole}


def _text_events(item: dict[str, Any]) -> Iterable[dict[str, Any]]:
    place = {"item_id": item["id"], "content_index": 0}
    (part,) = item["content"]
    yield _added({**item, "content": []})
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    for word in _words(part["text"]):
        yield {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
    yield {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
    yield {"type": "response.output_item.done", "item": item}


def _call_events(item: dict[str, Any]) -> Iterable[dict[str, Any]]:
    place, kind = {"item_id": item["id"]}, "response.function_call_arguments"
    yield _added({**item, "arguments": ""})
    for word in _words(item["arguments"]):
        yield {"type": f"{kind}.delta", **place, "delta": word}
    done = {"name": item["name"], "arguments": item["arguments"]}
    yield {"type": f"{kind}.done", **place, **done}
    yield {"type": "response.output_item.done", "item": item}


def _added(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.added", "item": {**item, "status": "in_progress"}}


def _words(text: str) -> list[str]:
    return [word if i == 0 else f" {word}" for i, word in enumerate(text.split(" "))]


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()
