"""HTTP/2 is refused in frames of its own: who begins with it understands no other answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .reply import Refused

__all__ = ["SETTINGS", "is_begun", "is_whole", "refuse"]

# https://www.rfc-editor.org/rfc/rfc9113.html#section-3.4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

_REASON = (
    "This server speaks HTTP/1.1 alone. In AWS's SDK for JavaScript, give the client "
    "`requestHandler: new NodeHttpHandler()` of @smithy/node-http-handler."
)
_HEAD = 9  # bytes before the payload of a frame
_DATA, _HEADERS, _SETTINGS, _GOAWAY = 0, 1, 4, 7
_ACK = _END_STREAM = 1
_END_HEADERS = 4
_HTTP_1_1_REQUIRED = 13

# `:status: 400` and `content-type: application/json`, by their numbers in the table of HPACK:
# https://www.rfc-editor.org/rfc/rfc7541.html#appendix-A
_BAD_REQUEST = b"\x8c\x0f\x10\x10application/json"


def is_begun(received: bytearray) -> bool:
    """Whether a client may have begun with HTTP/2, as far as its bytes have come."""
    return _PREFACE.startswith(received[: len(_PREFACE)])


def is_whole(received: bytearray) -> bool:
    """Whether a client has begun with HTTP/2: some wait for `SETTINGS` before they ask."""
    return received.startswith(_PREFACE)


def refuse(received: bytearray) -> None:
    """Refuse it as soon as its first request has come, after `SETTINGS` were sent.

    Args:
        received: All that the client has sent.

    Raises:
        Refused: The request has come.
    """
    stream = next(_requests(bytes(received[len(_PREFACE) :])), None)
    if stream is not None:
        raise Refused(400, _REASON, _answer(stream))


def _requests(frames: bytes) -> Iterator[bytes]:
    """The numbers of the streams that have begun."""
    while len(frames) >= _HEAD:
        if frames[3] == _HEADERS:
            yield frames[5:_HEAD]
        frames = frames[_HEAD + int.from_bytes(frames[:3], "big") :]


def _answer(stream: bytes) -> bytes:
    """One with a body that SDKs show, AWS's by its `message`; then the end of the connection."""
    error = {"type": "refused_by_loopback_server", "message": _REASON}
    body = json.dumps({"error": error, "message": _REASON}).encode()
    whole = bytes(4)
    return (
        _frame(_SETTINGS, _ACK, whole)
        + _frame(_HEADERS, _END_HEADERS, stream, _BAD_REQUEST)
        + _frame(_DATA, _END_STREAM, stream, body)
        + _frame(_GOAWAY, 0, whole, stream + _HTTP_1_1_REQUIRED.to_bytes(4, "big"))
    )


def _frame(kind: int, flags: int, stream: bytes, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream + payload


SETTINGS = _frame(_SETTINGS, 0, bytes(4))
"""What a server begins with."""
