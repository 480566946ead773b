"""Writing a converse stream: a plain body, told in frames."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_object
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.streams.aws_frames import event_frame
from pytest_llmreplay.providers.streams.writing import cut

from .blocks import CITED

__all__ = ["stream_of"]

_INDEX = "contentBlockIndex"
_AT_STOP = ("stopReason", "additionalModelResponseFields")
_AT_START = ("output", "error")

_Told = tuple[str, dict[str, Json]]


def stream_of(body: dict[str, Json], *, pieces: int | None, whole: bool) -> list[bytes]:
    """The frames that tell a plain body.

    Args:
        body: The plain answer; its `error`, if any, ends the stream as an exception.
        pieces: Into how many deltas a text is cut.
        whole: Whether the stream comes to its end.
    """
    error = body.get("error")
    events = _events(body, pieces, whole=whole and not error)
    frames = [event_frame(kind, _json(data)) for kind, data in events]
    if isinstance(error, dict):
        payload = {key: value for key, value in error.items() if key != "type"}
        kind = str(error.get("type") or "internalServerException")
        frames.append(event_frame(kind, _json(payload), exception=True))
    return frames


def _json(value: Json) -> bytes:
    return compact_json(value).encode("utf-8", errors="replace")


def _events(body: dict[str, Json], pieces: int | None, *, whole: bool) -> Iterator[_Told]:
    message = as_object(body.get("output")).get("message")
    if not isinstance(message, dict):
        return
    yield "messageStart", {key: value for key, value in message.items() if key != "content"}
    for index, block in enumerate(as_list(message.get("content"))):
        for kind, data in _block_events(as_object(block), pieces):
            yield kind, data | {_INDEX: index}
    if whole:
        yield "messageStop", {key: body[key] for key in _AT_STOP if key in body}
        last = {k: v for k, v in body.items() if k not in (*_AT_STOP, *_AT_START)}
        yield "metadata", last


def _block_events(block: dict[str, Json], pieces: int | None) -> Iterator[_Told]:
    """Only tools are opened; words and thoughts begin with their first delta."""
    call, result = block.get("toolUse"), block.get("toolResult")
    if isinstance(call, dict):
        yield "contentBlockStart", {"start": {"toolUse": _without(call, "input")}}
    elif isinstance(result, dict):
        yield "contentBlockStart", {"start": {"toolResult": _without(result, "content")}}
    for delta in _deltas(block, pieces):
        yield "contentBlockDelta", {"delta": delta}
    yield "contentBlockStop", {}


def _without(value: dict[str, Json], name: str) -> dict[str, Json]:
    return {key: member for key, member in value.items() if key != name}


def _deltas(block: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    for key, value in block.items():
        if key == CITED and isinstance(value, dict):
            yield from _of_cited(value, pieces)
        else:
            yield from [{key: delta} for delta in _of_member(key, value, pieces)]


def _of_cited(value: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    """Citations come one by one, before the words that they belong to."""
    for citation in as_list(value.get("citations")):
        yield {"citation": citation}
    for item in as_list(value.get("content")):
        if isinstance(item, dict) and isinstance(item.get("text"), str):
            yield from ({"text": words} for words in _of_member("text", item["text"], pieces))


def _of_member(key: str, value: Json, pieces: int | None) -> list[Json]:
    """The deltas that tell one member of a block."""
    match key, value:
        case "text", str():
            return [*cut(value, pieces)] or [""]
        case "toolUse", dict():
            asked = value.get("input")
            raw = asked if isinstance(asked, str) else compact_json(asked)
            return [{"input": piece} for piece in cut(raw, pieces)]
        case "reasoningContent", dict():
            return list(_thoughts(value, pieces))
        case "toolResult", dict():
            return [as_list(value.get("content"))]
        case _:
            return [value]


def _thoughts(value: dict[str, Json], pieces: int | None) -> Iterator[dict[str, Json]]:
    thought = value.get("reasoningText")
    for key, words in thought.items() if isinstance(thought, dict) else ():
        if key == "text":
            yield from [{key: piece} for piece in _of_member(key, words, pieces)]
        else:
            yield {key: words}
    yield from ({key: member} for key, member in value.items() if key != "reasoningText")
