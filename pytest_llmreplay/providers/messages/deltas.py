"""A messages stream, read and told piece by piece, while it comes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from pytest_llmreplay.event import Json, Response
from pytest_llmreplay.providers.deltas.blocks import InOrder, Step
from pytest_llmreplay.providers.deltas.delta import (
    Arguments,
    Begins,
    CallBegins,
    CallEnds,
    Delta,
    Kind,
    Words,
)
from pytest_llmreplay.providers.fields import as_object, as_text
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.streams.writing import event_bytes

from .encode import encode_answer, encode_part
from .stream import block_events, closing_events, opening_events

__all__ = ["MessagesReader", "MessagesWriter"]

_WORDS: dict[str, Kind] = {"text": "text", "thinking": "reasoning"}
_DELTAS = {
    "text": ("text_delta", "text"),
    "refusal": ("text_delta", "text"),
    "reasoning": ("thinking_delta", "thinking"),
    "call": ("input_json_delta", "partial_json"),
}


class MessagesReader:
    """Reads the blocks of a stream; tools that the provider runs are no calls of the client."""

    def __init__(self) -> None:
        self._calls: dict[int, Json] = {}
        """By place what a call began with, which counts where nothing more comes."""

    def read(self, data: dict[str, Json]) -> Iterator[Delta]:
        """The deltas of an event."""
        index = data.get("index")
        place = index if isinstance(index, int) else -1
        match data.get("type"):
            case "message_start":
                known = as_object(data.get("message"))
                yield Begins(as_text(known.get("model")))
            case "content_block_start":
                yield from self._open(place, data.get("content_block"))
            case "content_block_delta":
                yield from self._more(place, data.get("delta"))
            case "content_block_stop" if place in self._calls:
                if begun := self._calls[place]:
                    yield Arguments(place, compact_json(begun))
                yield CallEnds(place)
            case _:
                pass

    def _open(self, place: int, block: Json) -> Iterator[Delta]:
        if not isinstance(block, dict):
            return
        if block.get("type") == "tool_use":
            self._calls[place] = block.get("input")
            yield CallBegins(place, as_text(block.get("id")), as_text(block.get("name")) or "")
        yield from _words(block)

    def _more(self, place: int, delta: Json) -> Iterator[Delta]:
        if not isinstance(delta, dict):
            return
        arguments = as_text(delta.get("partial_json"))
        if arguments and place in self._calls:
            self._calls[place] = None
            yield Arguments(place, arguments)
        yield from _words(delta)


def _words(source: dict[str, Json]) -> Iterator[Words]:
    kind = str(source.get("type")).removesuffix("_delta")
    text = as_text(source.get(kind))
    if text and kind in _WORDS:
        yield Words(_WORDS[kind], text)


class MessagesWriter:
    """Tells an answer in events, one block at a time."""

    def __init__(self) -> None:
        self._made = uuid.uuid4().hex[:24]
        self._blocks = InOrder()

    def write(self, delta: Delta) -> Iterator[bytes]:
        """The events that say this."""
        if isinstance(delta, Begins):
            known = Response(id=f"msg_{self._made}", model=delta.model)
            yield from map(_event, opening_events(encode_answer(known)))
        for step in self._blocks.take(delta):
            yield from map(_event, self._events_of(step))

    def end(self, response: Response) -> Iterator[bytes]:
        """What is left of the blocks, then the reason why it ended, and usage."""
        for step in self._blocks.close():
            yield from map(_event, self._events_of(step))
        yield from map(_event, closing_events(encode_answer(response)))

    def _events_of(self, step: Step) -> Iterator[dict[str, Json]]:
        block = step[1]
        if step[0] == "more":
            kind, key = _DELTAS[block.kind]
            delta: Json = {"type": kind, key: step[2]}
            yield {"type": "content_block_delta", "index": block.number, "delta": delta}
        elif step[0] == "open":
            begun = encode_part(block.part, f"toolu_{self._made}{block.number}")
            yield next(block_events(begun, block.number))
        else:
            yield {"type": "content_block_stop", "index": block.number}


def _event(data: dict[str, Json]) -> bytes:
    return event_bytes(data, str(data["type"]))
