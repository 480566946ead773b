"""A responses stream, read and told piece by piece, while it comes."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

from pytest_llmreplay.event import Json, Part, Response, TextPart
from pytest_llmreplay.providers.answers.citations import Citation, cited
from pytest_llmreplay.providers.deltas.blocks import Block, InOrder, Step
from pytest_llmreplay.providers.deltas.delta import (
    Arguments,
    Begins,
    CallBegins,
    CallEnds,
    Delta,
    Kind,
    Words,
)
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.streams.writing import event_bytes

from .encode import encode_answer
from .encode_items import encode_output
from .stream import closing_event, item_events, opening_events

__all__ = ["ResponsesReader", "ResponsesWriter"]

_WORDS: dict[str, Kind] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "reasoning",
    "response.reasoning_summary_text.delta": "reasoning",
}
_ARGUMENTS = "response.function_call_arguments.delta"
_INPUT = "response.custom_tool_call_input.delta"
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""Items that are calls, and where what they are given stands."""
_PLACES: dict[str, tuple[str, dict[str, Json]]] = {
    "text": ("response.output_text.delta", {"content_index": 0, "logprobs": []}),
    "refusal": ("response.refusal.delta", {"content_index": 0}),
    "reasoning": ("response.reasoning_summary_text.delta", {"summary_index": 0}),
    "call": (_ARGUMENTS, {}),
}
"""The event that brings more of a block, and where in its item the words stand."""


class ResponsesReader:
    """Reads the items of a stream; tools that the provider runs are no calls of the client."""

    def __init__(self) -> None:
        self._begun = False
        self._calls: dict[int, bool] = {}
        """Calls by their place, and whether any arguments were told."""

    def read(self, data: dict[str, Json]) -> Iterator[Delta]:
        """The deltas of an event."""
        kind, index, delta = str(data.get("type")), data.get("output_index"), data.get("delta")
        place = index if isinstance(index, int) else -1
        response = data.get("response")
        if not self._begun and isinstance(response, dict):
            self._begun = True
            yield Begins(as_text(response.get("model")))
        if isinstance(delta, str) and delta:
            if kind in _WORDS:
                yield Words(_WORDS[kind], delta)
            elif kind in {_ARGUMENTS, _INPUT} and place in self._calls:
                self._calls[place] = True
                yield Arguments(place, delta)
        elif kind.startswith("response.output_item."):
            yield from self._item(place, data.get("item"), done=kind.endswith(".done"))

    def _item(self, place: int, item: Json, *, done: bool) -> Iterator[Delta]:
        kind = as_text(item.get("type")) if isinstance(item, dict) else None
        if not isinstance(item, dict) or kind not in _CALLS:
            return
        if place not in self._calls:
            self._calls[place] = False
            name = as_text(item.get("name")) or ""
            custom = kind == "custom_tool_call"
            yield CallBegins(place, as_text(item.get("call_id")), name, custom)
        if not done:
            return
        arguments = as_text(item.get(_CALLS[kind]))
        if arguments and not self._calls[place]:
            yield Arguments(place, arguments)
        yield CallEnds(place)


class ResponsesWriter:
    """Tells an answer in events, one item at a time."""

    def __init__(self) -> None:
        self._made = uuid.uuid4().hex
        self._head: dict[str, Json] = {
            "id": f"resp_{self._made}",
            "created_at": int(time.time()),
        }
        self._numbers = itertools.count()
        self._blocks = InOrder()
        self._ids: dict[int, Json] = {}
        self._closed: list[Block] = []
        self._cited: tuple[Citation, ...] = ()
        """What the words cite, which is known when the answer is whole."""

    def write(self, delta: Delta) -> Iterator[bytes]:
        """The events that say this."""
        if isinstance(delta, Begins):
            body = encode_answer(Response(model=delta.model)) | self._head
            yield from map(self._event, opening_events(body))
        for step in self._blocks.take(delta):
            yield from map(self._event, self._events_of(step))

    def end(self, response: Response) -> Iterator[bytes]:
        """What is left of the items, then the whole answer once more."""
        self._cited = cited(response.parts)
        for step in self._blocks.close():
            yield from map(self._event, self._events_of(step))
        output: list[Json] = [self._item(block) for block in self._closed]
        body = encode_answer(response) | self._head | {"output": output}
        yield self._event(closing_event(body))

    def _events_of(self, step: Step) -> Iterator[dict[str, Json]]:
        block = step[1]
        if step[0] == "more":
            yield self._more(block, step[2])
        elif step[0] == "open":
            events = item_events(self._item(block), block.number)
            yield from itertools.takewhile(_opens, events)
        else:
            self._closed.append(block)
            events = item_events(self._item(block), block.number, 1)
            yield from itertools.dropwhile(lambda event: not _closes(event), events)

    def _more(self, block: Block, text: str) -> dict[str, Json]:
        kind, place = (_INPUT, {}) if block.custom else _PLACES[block.kind]
        item_id = self._ids[block.number]
        known: dict[str, Json] = {"item_id": item_id, "output_index": block.number}
        return {"type": kind} | known | place | {"delta": text}

    def _item(self, block: Block) -> dict[str, Json]:
        """The item that a block is so far; its id stays."""
        made = f"{self._made}{block.number}_"
        (item,) = encode_output((self._part(block),), decoded=False, made=made)
        assert isinstance(item, dict)
        self._ids[block.number] = item["id"]
        return item

    def _part(self, block: Block) -> Part:
        part = block.part
        if not self._cited or not isinstance(part, TextPart):
            return part
        before = (one.part for one in self._closed if one.number < block.number)
        start = sum(len(one.content) for one in before if isinstance(one, TextPart))
        places = range(start, start + len(part.content))
        here = (citation for citation in self._cited if citation.start in places)
        return replace(part, annotations=tuple(one.moved(-start).flat for one in here))

    def _event(self, data: dict[str, Json]) -> bytes:
        number = next(self._numbers)
        return event_bytes({**data, "sequence_number": number}, str(data["type"]))


def _closes(event: dict[str, Json]) -> bool:
    return str(event["type"]).endswith(".done")


def _opens(event: dict[str, Json]) -> bool:
    return not _closes(event) and not str(event["type"]).endswith(".delta")
