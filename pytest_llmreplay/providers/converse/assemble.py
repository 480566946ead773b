"""Putting a converse stream together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_list, as_object
from pytest_llmreplay.providers.json_values import json_object, parse_json
from pytest_llmreplay.providers.streams.aws_frames import Damage, Frame, read_frame, told_frames
from pytest_llmreplay.providers.streams.growing import appended

from .blocks import CITED

__all__ = ["assemble", "assemble_events", "is_end"]

_LAST = "metadata"
_PADDING = "p"


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; `metadata` ends it."""
    draft = _Draft()
    for frame in told_frames(b"".join(chunks)):
        if isinstance(frame, Damage):
            draft.fail("damaged_stream", {"message": frame.message})
        else:
            draft.add_frame(frame)
    return Assembled(body=draft.body(), complete=draft.complete)


def assemble_events(events: Iterable[tuple[str, dict[str, Json]]]) -> dict[str, Json]:
    """The plain body that events amount to, each told by its kind and what it says."""
    draft = _Draft()
    for kind, data in events:
        draft.add(kind, data)
    return draft.body()


def is_end(chunk: bytes) -> bool:
    """Whether this is the event `metadata`."""
    frame = read_frame(chunk) if _LAST.encode() in chunk else None
    return frame is not None and frame.is_event and frame.kind == _LAST


class _Draft:
    """The answer so far."""

    def __init__(self) -> None:
        self.complete = False
        self._body: dict[str, Json] = {}
        self._message: dict[str, Json] = {}
        self._blocks: dict[int, dict[str, Json]] = {}
        self._inputs: dict[int, str] = {}
        self._begun = False

    def add_frame(self, frame: Frame) -> None:
        data = {key: value for key, value in json_object(frame.payload).items() if key != _PADDING}
        if frame.is_event:
            self.add(frame.kind, data)
        else:
            self.fail(frame.kind, data)

    def add(self, kind: str, data: dict[str, Json]) -> None:
        index = data.get("contentBlockIndex")
        place = index if isinstance(index, int) else max(self._blocks, default=0)
        match kind:
            case "messageStart":
                self._begun = True
                self._message |= data
            case "contentBlockStart":
                self._start(place, data.get("start"))
            case "contentBlockDelta":
                self._add_delta(place, data.get("delta"))
            case "messageStop" | "metadata":
                self._body |= data
                self.complete = self.complete or kind == _LAST

    def fail(self, kind: str, data: dict[str, Json]) -> None:
        error: dict[str, Json] = {"type": kind or "exception"}
        self._body["error"] = error | data

    def body(self) -> dict[str, Json]:
        """The plain body; nothing of a message that never began."""
        if not self._begun and not self._blocks:
            return self._body
        content: list[Json] = [self._block(place) for place in sorted(self._blocks)]
        output: Json = {"message": self._message | {"content": content}}
        return {"output": output} | self._body

    def _start(self, place: int, start: Json) -> None:
        block = self._blocks.setdefault(place, {})
        if isinstance(start, dict):
            for key, value in start.items():
                block[key] = dict(value) if isinstance(value, dict) else value

    def _add_delta(self, place: int, delta: Json) -> None:
        block = self._blocks.setdefault(place, {})
        for key, value in delta.items() if isinstance(delta, dict) else ():
            match key:
                case "toolUse" if isinstance(value, dict):
                    self._add_input(place, block, value)
                case "reasoningContent" if isinstance(value, dict):
                    block[key] = _thought(block.get(key), value)
                case "toolResult":
                    block[key] = _with_content(block.get(key), value)
                case "citation":
                    block[key] = [*as_list(block.get(key)), value]
                case _:
                    block[key] = appended(block.get(key), value)

    def _add_input(self, place: int, block: dict[str, Json], delta: dict[str, Json]) -> None:
        self._inputs[place] = self._inputs.get(place, "") + str(delta.get("input", ""))
        known = block.get("toolUse")
        rest = {key: value for key, value in delta.items() if key != "input"}
        block["toolUse"] = as_object(known) | rest

    def _block(self, place: int) -> Json:
        block = self._blocks[place]
        if "citation" in block:
            return _cited(block)
        call = block.get("toolUse")
        if not isinstance(call, dict):
            return block
        raw = self._inputs.get(place, "")
        try:
            asked: Json = parse_json(raw) if raw else call.get("input", {})
        except ValueError:
            asked = raw
        return block | {"toolUse": call | {"input": asked}}


def _cited(block: dict[str, Json]) -> Json:
    """Words and citations stand together in a plain answer."""
    rest = {key: value for key, value in block.items() if key not in {"text", "citation"}}
    content: list[Json] = [{"text": block["text"]}] if "text" in block else []
    return rest | {CITED: {"citations": block["citation"], "content": content}}


def _thought(before: Json, delta: dict[str, Json]) -> Json:
    """Words and their signature stand one level deeper in a plain answer."""
    known: dict[str, Json] = dict(as_object(before))
    thought: dict[str, Json] = dict(as_object(known.get("reasoningText")))
    for key, value in delta.items():
        holder = thought if key in {"text", "signature"} else known
        holder[key] = appended(holder.get(key), value)
    return known | ({"reasoningText": thought} if thought else {})


def _with_content(before: Json, delta: Json) -> Json:
    """The results of a tool of the provider come one after the other."""
    known = as_object(before)
    content = known.get("content")
    more = delta if isinstance(delta, list) else [delta]
    return known | {"content": [*as_list(content), *more]}
