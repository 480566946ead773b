"""Answers in OpenAI's format `responses`, written by hand and apart from the package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["responses_body", "responses_events"]


def responses_body(said: Any, created: int) -> dict[str, Any]:
    """The whole answer; its message has an id, its calls have two."""
    output: list[dict[str, Any]] = [_thought(said)]
    if said.text:
        output.append(_message(said))
    output += [
        {
            "id": f"fc_{said.number}_{i}",
            "type": "function_call",
            "status": "completed",
            "arguments": json.dumps(arguments),
            "call_id": f"call_{said.number}_{i}",
            "name": name,
        }
        for i, (name, arguments) in enumerate(said.calls)
    ]
    return {
        "id": f"resp_{said.number}",
        "object": "response",
        "created_at": created,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": said.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": said.tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 12 + said.tokens,
        },
    }


def responses_events(said: Any, created: int) -> Iterator[bytes]:
    """The answer in server-sent events, numbered from 0."""
    for number, (kind, data) in enumerate(_told(said, created)):
        event = {"type": kind, **data, "sequence_number": number}
        yield f"event: {kind}\ndata: {json.dumps(event)}\n\n".encode()


def _thought(said: Any) -> dict[str, Any]:
    thought = {"type": "summary_text", "text": "The user wants an answer."}
    return {"id": f"rs_{said.number}", "type": "reasoning", "summary": [thought]}


def _message(said: Any) -> dict[str, Any]:
    text = {"type": "output_text", "annotations": [], "logprobs": [], "text": said.text}
    return {
        "id": f"msg_{said.number}",
        "type": "message",
        "status": "completed",
        "content": [text],
        "role": "assistant",
    }


def _told(said: Any, created: int) -> Iterator[tuple[str, dict[str, Any]]]:
    whole = responses_body(said, created)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    for index, item in enumerate(whole["output"]):
        place = {"item_id": item["id"], "output_index": index}
        yield "response.output_item.added", {"output_index": index, "item": _opened(item)}
        tell = {"message": _words, "reasoning": _summary, "function_call": _arguments}
        for kind, data in tell[item["type"]](item):
            yield kind, {**place, **data}
        yield "response.output_item.done", {"output_index": index, "item": item}
    yield "response.completed", {"response": whole}


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    empty = {"content": [], "arguments": "", "summary": [], "status": "in_progress"}
    return {key: empty.get(key, value) for key, value in item.items()}


def _words(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    (part,) = item["content"]
    place = {"content_index": 0}
    yield "response.content_part.added", {**place, "part": {**part, "text": ""}}
    for piece in _cut(part["text"]):
        more = {"delta": piece, "logprobs": [], "obfuscation": "x" * len(piece)}
        yield "response.output_text.delta", {**place, **more}
    yield "response.output_text.done", {**place, "text": part["text"], "logprobs": []}
    yield "response.content_part.done", {**place, "part": part}


def _summary(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    (part,) = item["summary"]
    place = {"summary_index": 0}
    yield "response.reasoning_summary_part.added", {**place, "part": {**part, "text": ""}}
    for piece in _cut(part["text"]):
        yield "response.reasoning_summary_text.delta", {**place, "delta": piece}
    yield "response.reasoning_summary_text.done", {**place, "text": part["text"]}
    yield "response.reasoning_summary_part.done", {**place, "part": part}


def _arguments(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for piece in _cut(item["arguments"]):
        yield "response.function_call_arguments.delta", {"delta": piece}
    yield "response.function_call_arguments.done", {"arguments": item["arguments"]}


def _cut(text: str) -> list[str]:
    words = text.split(" ")
    return [word if i == 0 else f" {word}" for i, word in enumerate(words)]
