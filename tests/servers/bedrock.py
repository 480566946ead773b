"""Bedrock as a loopback server imitates it: converse, invoke, and both as streams of frames."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

from servers.exchange import Exchange

__all__ = [
    "CONVERSE_EVENTS",
    "HEADERS",
    "INVOKE_EVENTS",
    "STREAM_HEADERS",
    "bedrock",
    "chunk",
    "frame",
    "frames",
]

HEADERS = {
    "x-amzn-requestid": "0b9d5e6c-52f4-4a8e-9a83-4d3a5b6c7d8e",
    "x-amzn-bedrock-invocation-latency": "412",
}
STREAM_HEADERS = HEADERS | {"content-type": "application/vnd.amazon.eventstream"}
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
CONVERSE = {
    "metrics": {"latencyMs": 412},
    "output": {"message": {"content": [{"text": "The jobs argument."}], "role": "assistant"}},
    "stopReason": "end_turn",
    "usage": USAGE,
}
CONVERSE_EVENTS: list[tuple[str, Any]] = [
    ("messageStart", {"p": "abcd", "role": "assistant"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "The "}, "p": "abcdefgh"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "jobs "}, "p": "abc"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "argument."}, "p": "a"}),
    ("contentBlockStop", {"contentBlockIndex": 0, "p": "abcdefghijklm"}),
    ("messageStop", {"p": "ab", "stopReason": "end_turn"}),
    ("metadata", {"metrics": {"latencyMs": 512}, "p": "abcde", "usage": USAGE}),
]
CLAUDE = {
    "id": "msg_bdrk_01AbCdEfGhIjKlMnOp",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-20250514",
    "content": [{"type": "text", "text": "The jobs argument."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 11, "output_tokens": 7},
}
INVOKE_EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": CLAUDE | {"content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    *(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        for text in ("The ", "jobs ", "argument.")
    ),
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 7},
    },
    {"type": "message_stop"},
]


def frame(kind: str, payload: bytes, message: str = "event") -> bytes:
    """A frame as AWS writes it."""
    named = {f":{message}-type": kind, ":content-type": "application/json"}
    named[":message-type"] = message
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(text)) + text
        for name, text in ((name, text.encode()) for name, text in named.items())
    )
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    raw = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return raw + struct.pack("!I", zlib.crc32(raw))


def frames(*events: tuple[str, Any]) -> list[bytes]:
    """Frames of these events, their JSON without blanks."""
    return [frame(kind, _json(value)) for kind, value in events]


def chunk(event: Any, padding: str = "abc") -> tuple[str, Any]:
    """A model's own event as invoke streams pack it."""
    return "chunk", {"bytes": base64.b64encode(_json(event)).decode(), "p": padding}


async def bedrock(exchange: Exchange) -> None:
    """Answer by the path."""
    match exchange.seen.path.rpartition("/")[2]:
        case "converse":
            await exchange.plain(_json(CONVERSE), headers=HEADERS)
        case "invoke":
            counted = HEADERS | {"x-amzn-bedrock-input-token-count": "11"}
            await exchange.plain(_json(CLAUDE), headers=counted)
        case "converse-stream":
            await exchange.chunked(frames(*CONVERSE_EVENTS), delay=0.01, headers=STREAM_HEADERS)
        case _:
            packed = frames(*map(chunk, INVOKE_EVENTS))
            await exchange.chunked(packed, delay=0.01, headers=STREAM_HEADERS)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
