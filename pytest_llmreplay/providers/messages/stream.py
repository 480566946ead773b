"""Writing a messages stream: a plain body, told in events.

What the SDKs demand: an `event:` line on each, one open block at a time, usage on both
`message_start` and `message_delta`.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_object
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.streams.writing import cut, event_bytes

__all__ = ["block_events", "closing_events", "opening_events", "stream_of"]

_TOLD_AT_THE_END = frozenset(
    {"stop_reason", "stop_sequence", "stop_details", "container", "context_management", "error"}
)
_IN_DELTA = ("stop_reason", "stop_sequence", "stop_details", "container")
_COUNTED_AT_THE_END = frozenset({"output_tokens_details", "server_tool_use", "iterations"})
_GROWING = {"text": "text_delta", "thinking": "thinking_delta"}


def stream_of(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The events that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream.
        pieces: Into how many deltas a text is cut.
        whole: Whether the stream comes to its end.
    """
    error = body.get("error")
    events = list(_events(body, pieces, whole=whole and not error))
    if error:
        events.append({"type": "error", "error": error})
    return [event_bytes(event, str(event["type"])) for event in events]


def _events(body: dict[str, Json], pieces: int | None, *, whole: bool) -> Iterator[dict[str, Json]]:
    if "content" not in body:
        return
    yield from opening_events(body)
    for index, block in enumerate(as_list(body["content"])):
        if isinstance(block, dict):
            yield from block_events(block, index, pieces)
    if whole:
        yield from closing_events(body)


def opening_events(body: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The message before its blocks."""
    yield {"type": "message_start", "message": _skeleton(body, _counts(body))}
    yield {"type": "ping"}


def block_events(
    block: dict[str, Json], index: int, pieces: int | None = None
) -> Iterator[dict[str, Json]]:
    """A block: it starts, says what it says, and stops."""
    for event in _block_events(block, pieces):
        yield {"type": event["type"], "index": index} | event


def closing_events(body: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """How the message ended, and what it cost."""
    yield _last_delta(body, _counts(body))
    yield {"type": "message_stop"}


def _counts(body: dict[str, Json]) -> dict[str, Json]:
    return dict(as_object(body.get("usage")))


def _skeleton(body: dict[str, Json], counts: dict[str, Json]) -> dict[str, Json]:
    known = {key: value for key, value in body.items() if key not in _TOLD_AT_THE_END}
    first = {key: value for key, value in counts.items() if key not in _COUNTED_AT_THE_END}
    usage: dict[str, Json] = {"input_tokens": 0} | first | {"output_tokens": 0}
    empty: dict[str, Json] = {"content": [], "stop_reason": None, "stop_sequence": None}
    return known | empty | {"usage": usage}


def _last_delta(body: dict[str, Json], counts: dict[str, Json]) -> dict[str, Json]:
    delta = {key: body[key] for key in _IN_DELTA if key in body}
    ending: dict[str, Json] = {"stop_reason": None, "stop_sequence": None}
    event: dict[str, Json] = {
        "type": "message_delta",
        "delta": ending | delta,
        "usage": {"output_tokens": 0} | counts,
    }
    if "context_management" in body:
        event["context_management"] = body["context_management"]
    return event


def _block_events(block: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    deltas = list(_deltas(block, pieces))
    yield {"type": "content_block_start", "content_block": _opening(block) if deltas else block}
    for delta in deltas:
        yield {"type": "content_block_delta", "delta": delta}
    yield {"type": "content_block_stop"}


def _opening(block: dict[str, Json]) -> dict[str, Json]:
    """The block before its words, its input, its signature and its citations."""
    empty: dict[str, Json] = {"text": "", "thinking": "", "signature": "", "input": {}}
    opening = block | {key: value for key, value in empty.items() if key in block}
    if opening.get("citations"):
        opening["citations"] = []
    return opening


def _deltas(block: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    kind = str(block.get("type"))
    if kind in _GROWING:
        words = block.get(kind)
        for piece in cut(words, pieces) if isinstance(words, str) else ():
            yield {"type": _GROWING[kind], kind: piece}
    if kind == "thinking" and block.get("signature"):
        yield {"type": "signature_delta", "signature": block["signature"]}
    for citation in as_list(block.get("citations")):
        yield {"type": "citations_delta", "citation": citation}
    if kind.endswith("tool_use") and block.get("input"):
        asked = block["input"]
        raw = asked if isinstance(asked, str) else compact_json(asked)
        for piece in ("", *cut(raw, pieces)):
            yield {"type": "input_json_delta", "partial_json": piece}
