"""Messages streamed by Bedrock: Anthropic's events, each packed into a frame of AWS.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.json_values import compact_json, parse_json

from .aws_frames import Damage, Frame, event_frame, looks_like_frames, told_frames
from .sse import split
from .writing import event_bytes

__all__ = ["packed", "unpacked"]


def unpacked(data: bytes) -> bytes:
    """The server-sent events that the frames hold; what is made of no frames is left as it is."""
    if not looks_like_frames(data):
        return data
    return b"".join([_event(frame) for frame in told_frames(data)])


def packed(events: Iterable[bytes]) -> list[bytes]:
    """Server-sent events as Bedrock sends them: the data of each in a frame."""
    return [_frame(event.data) for raw in events for event in split(raw) if event.data]


def _frame(data: str) -> bytes:
    payload: Json = {"bytes": base64.b64encode(data.encode()).decode()}
    return event_frame("chunk", compact_json(payload).encode())


def _event(frame: Frame | Damage) -> bytes:
    if isinstance(frame, Damage):
        return _error("damaged_stream", frame.message)
    inner = as_object(_json(frame.payload))
    if not frame.is_event:
        return _error(frame.kind, str(inner.get("message") or frame.kind))
    packed = inner.get("bytes")
    try:
        event = _json(base64.b64decode(packed, validate=True)) if isinstance(packed, str) else None
    except ValueError:
        event = None
    return b"" if event is None else _server_sent(event)


def _error(kind: str, message: str) -> bytes:
    return _server_sent({"type": "error", "error": {"type": kind, "message": message}})


def _server_sent(event: Json) -> bytes:
    """An event under the name that Anthropic gives it, which its SDK reads."""
    kind = as_object(event).get("type")
    return event_bytes(event, kind if isinstance(kind, str) and kind.isidentifier() else None)


def _json(data: bytes) -> Json:
    try:
        return parse_json(data)
    except ValueError:
        return None
