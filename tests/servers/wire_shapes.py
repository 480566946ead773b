"""Answers in the wire formats of the providers, written by hand and apart from the package.

The package must read what providers send, so the tests do not let it read what it wrote itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from servers import responses_wire

__all__ = ["Said", "error_body", "last_user_text", "plain_body", "stream_events"]

CREATED = 1_790_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer without its format."""

    text: str = ""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    model: str = "imitated-1"
    number: int = 1
    """Which answer of the server it is; makes ids differ."""
    usage: bool = True
    """Whether the client asked for usage in its stream."""

    @property
    def tokens(self) -> int:
        """Output tokens: words."""
        return len(self.text.split()) + 5 * len(self.calls)


def last_user_text(body: Any) -> str:
    """What the user said last, in any of the formats."""
    if isinstance(body, dict) and "input" in body:
        return responses_wire.last_input_text(body)
    messages = body.get("messages", []) if isinstance(body, dict) else []
    for message in reversed(messages):
        if message.get("role") == "user":
            content = message.get("content", "")
            if isinstance(content, str):
                return content
            return "".join(part.get("text", "") for part in content)
    return ""


def plain_body(api: str, said: Said) -> dict[str, Any]:
    """The whole answer."""
    if api == "responses":
        return _responses_body(said)
    return _chat_body(said) if api == "chat_completions" else _messages_body(said)


def stream_events(api: str, said: Said) -> list[bytes]:
    """The answer in server-sent events."""
    if api == "responses":
        return responses_wire.events_of(_responses_body(said))
    return list(_chat_events(said) if api == "chat_completions" else _messages_events(said))


def error_body(api: str, status: int, message: str) -> dict[str, Any]:
    """An error as the provider words it."""
    kind = {429: "rate_limit_error", 529: "overloaded_error"}.get(status, "api_error")
    if api != "messages":
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def _responses_body(said: Said) -> dict[str, Any]:
    return responses_wire.body_of(said.number, said.model, said.text, said.calls, said.tokens)


def _chat_body(said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None, "refusal": None}
    if said.calls:
        message["tool_calls"] = [
            {"id": f"call_{said.number}_{i}", "type": "function"}
            | {"function": {"name": name, "arguments": json.dumps(arguments)}}
            for i, (name, arguments) in enumerate(said.calls)
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _chat_end(said)}
    return {
        "id": f"chatcmpl-{said.number}",
        "object": "chat.completion",
        "created": CREATED,
        "model": said.model,
        "choices": [choice],
        "usage": _chat_usage(said),
        "system_fingerprint": "fp_imitated",
    }


def _chat_end(said: Said) -> str:
    return "tool_calls" if said.calls else "stop"


def _chat_usage(said: Said) -> dict[str, Any]:
    return {
        "prompt_tokens": 12,
        "completion_tokens": said.tokens,
        "total_tokens": 12 + said.tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _chat_events(said: Said) -> Iterable[bytes]:
    yield _chat_event(said, delta={"role": "assistant", "content": "", "refusal": None})
    for word in _words(said.text):
        yield _chat_event(said, delta={"content": word})
    for i, (name, arguments) in enumerate(said.calls):
        opened = {"index": i, "id": f"call_{said.number}_{i}", "type": "function"}
        function = {"name": name, "arguments": ""}
        yield _chat_event(said, delta={"tool_calls": [{**opened, "function": function}]})
        for piece in _words(json.dumps(arguments)):
            call = {"index": i, "function": {"arguments": piece}}
            yield _chat_event(said, delta={"tool_calls": [call]})
    yield _chat_event(said, delta={}, finish_reason=_chat_end(said))
    if said.usage:
        yield _chat_event(said, choices=[], usage=_chat_usage(said))
    yield b"data: [DONE]\n\n"


def _chat_event(
    said: Said,
    *,
    delta: dict[str, Any] | None = None,
    finish_reason: str | None = None,
    **others: Any,
) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    head = {
        "id": f"chatcmpl-{said.number}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": said.model,
        "choices": [choice],
    }
    return _event(None, {**head, **others})


def _messages_body(said: Said) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": said.text}] if said.text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{said.number}_{i}", "name": name, "input": arguments}
        for i, (name, arguments) in enumerate(said.calls)
    ]
    return {
        "id": f"msg_{said.number}",
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": content,
        "stop_reason": "tool_use" if said.calls else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 12,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": said.tokens,
        },
    }


def _messages_events(said: Said) -> Iterable[bytes]:
    whole = _messages_body(said)
    start = {**whole, "content": [], "stop_reason": None}
    start["usage"] = {**whole["usage"], "output_tokens": 1}
    yield _event("message_start", {"message": start})
    yield _event("ping", {})
    for index, block in enumerate(whole["content"]):
        yield from _block_events(index, block)
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield _event("message_delta", {"delta": delta, "usage": {"output_tokens": said.tokens}})
    yield _event("message_stop", {})


def _block_events(index: int, block: dict[str, Any]) -> Iterable[bytes]:
    if block["type"] == "text":
        empty, pieces = {**block, "text": ""}, _words(block["text"])
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
    else:
        empty, pieces = {**block, "input": {}}, _words(json.dumps(block["input"]))
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    yield _event("content_block_start", {"index": index, "content_block": empty})
    for delta in deltas:
        yield _event("content_block_delta", {"index": index, "delta": delta})
    yield _event("content_block_stop", {"index": index})


def _words(text: str) -> list[str]:
    words = text.split(" ")
    return [word if i == 0 else f" {word}" for i, word in enumerate(words)] if text else []


def _event(kind: str | None, data: dict[str, Any]) -> bytes:
    typed = data if kind is None else {"type": kind, **data}
    line = f"data: {json.dumps(typed)}\n\n"
    return (line if kind is None else f"event: {kind}\n{line}").encode()
