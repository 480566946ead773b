"""The frames of a stream of invoke: in each a piece of the maker's own, packed in base64."""

from __future__ import annotations

import base64

from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.bedrock_counts import METRICS, metrics_of
from pytest_llmreplay.providers.fields import as_objects
from pytest_llmreplay.providers.json_values import compact_json, json_object, parse_json
from pytest_llmreplay.providers.streams.aws_frames import Damage, Frame, event_frame, told_frames

from .makers import Maker, maker_streaming

__all__ = ["assembled", "frames_of", "is_last"]

_ENDS = frozenset({METRICS, "amazon-bedrock-trace"})
"""Keys that Bedrock adds to the last piece; what a guardrail did takes the place of counts."""
_FAILED = "internalServerException"


def assembled(data: bytes) -> Assembled:
    """The whole answer of a stream; the piece that tells what Bedrock measured ends it."""
    pieces: list[Json] = []
    ends: dict[str, Json] = {}
    for told in told_frames(data):
        if isinstance(told, Damage):
            ends["error"] = {"type": "damaged_stream", "message": told.message}
        elif told.is_event:
            pieces.append(_piece(told))
        else:
            ends["error"] = {"type": told.kind or "exception", **json_object(told.payload)}
    for piece in as_objects(pieces):
        ends |= {key: piece.pop(key) for key in _ENDS & piece.keys()}
    body = maker_streaming(pieces).assemble(pieces)
    return Assembled(body=body | ends, complete=not _ENDS.isdisjoint(ends))


def is_last(chunk: bytes) -> bool:
    """Whether a frame holds the piece that ends a stream."""
    frames = (told for told in told_frames(chunk) if isinstance(told, Frame))
    pieces = as_objects([_piece(frame) for frame in frames])
    return any(not _ENDS.isdisjoint(piece) for piece in pieces)


def frames_of(
    maker: Maker, body: dict[str, Json], response: Response, *, pieces: int | None
) -> list[bytes]:
    """The frames that tell a plain body; an error ends them as an exception.

    Args:
        maker: In whose shape the body is.
        body: The plain answer.
        response: What it says, and how it ended.
        pieces: Into how many pieces a text is cut.
    """
    error = response.error
    whole = error is None and not response.truncated
    said = {key: value for key, value in body.items() if key not in _ENDS | {"error"}}
    told = maker.pieces_of(said, pieces=pieces, whole=whole) if said else []
    if whole:
        ends = {key: body[key] for key in _ENDS & body.keys()}
        last = told.pop() if told else {}
        told.append(last | (ends or {METRICS: metrics_of(response.usage)}))
    frames = [event_frame("chunk", _bytes({"bytes": _packed(piece)})) for piece in told]
    if error is not None:
        payload = _bytes({"message": error.message})
        frames.append(event_frame(error.type or _FAILED, payload, exception=True))
    return frames


def _piece(frame: Frame) -> Json:
    """The piece in a frame; nothing where it is damaged."""
    packed = json_object(frame.payload).get("bytes")
    try:
        return parse_json(base64.b64decode(str(packed), validate=True))
    except ValueError:
        return None


def _packed(piece: Json) -> str:
    return base64.b64encode(_bytes(piece)).decode()


def _bytes(value: Json) -> bytes:
    return compact_json(value).encode(errors="replace")
