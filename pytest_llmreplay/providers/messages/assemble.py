"""Putting a messages stream together."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_list, as_object
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.streams.growing import Place, appended
from pytest_llmreplay.providers.streams.named_events import assemble_events, has_end

__all__ = ["assemble", "is_end"]

_ENDS = frozenset({"message_stop"})
_GROWING = frozenset({"partial_json", "text", "thinking"})


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole message; `message_stop` ends it."""
    return assemble_events(_Draft(), chunks, grows=_grows, ends=_ENDS)


def is_end(chunk: bytes) -> bool:
    """Whether this is the event `message_stop`."""
    return has_end(chunk, _ENDS)


def _grows(data: dict[str, Json]) -> Place | None:
    """The words, thoughts or arguments that a delta adds to a block, if it does nothing else."""
    delta = data.get("delta")
    if data.get("type") != "content_block_delta" or not isinstance(data.get("index"), int):
        return None
    keys = list(delta.keys() - {"type"}) if isinstance(delta, dict) else []
    if not isinstance(delta, dict) or len(keys) != 1 or keys[0] not in _GROWING:
        return None
    return (delta, keys[0]) if isinstance(delta[keys[0]], str) else None


class _Draft:
    """The message so far."""

    def __init__(self) -> None:
        self._message: dict[str, Json] = {}
        self._blocks: dict[int, dict[str, Json]] = {}
        self._inputs: dict[int, str] = {}

    def add(self, kind: str, data: dict[str, Json]) -> None:
        index = data.get("index")
        place = index if isinstance(index, int) else len(self._blocks) - 1
        match kind:
            case "message_start":
                self._start(data.get("message"))
            case "content_block_start":
                self._blocks[place] = dict(as_object(data.get("content_block")))
            case "content_block_delta":
                self._add_delta(place, data.get("delta"))
            case "message_delta":
                self._end(data)
            case "error":
                self._message["error"] = data.get("error") or data
            case _:
                if data.get("error"):
                    self._message["error"] = data["error"]

    def body(self) -> dict[str, Json]:
        """The plain body; nothing when the message never began."""
        body = dict(self._message)
        if isinstance(body.get("content"), list) or self._blocks:
            body["content"] = [self._block(place) for place in sorted(self._blocks)]
        return body

    def _start(self, message: Json) -> None:
        if isinstance(message, dict):
            usage = message.get("usage")
            self._message |= message
            self._message["content"] = []
            if isinstance(usage, dict):
                self._message["usage"] = dict(usage)

    def _end(self, data: dict[str, Json]) -> None:
        """Counts are cumulative and overwrite; those not repeated here stay."""
        delta, usage = data.get("delta"), data.get("usage")
        if isinstance(delta, dict):
            self._message |= delta
        known = self._message.get("usage")
        if isinstance(usage, dict):
            counts: dict[str, Json] = dict(as_object(known))
            counts.update((key, value) for key, value in usage.items() if value is not None)
            self._message["usage"] = counts
        rest = {key: value for key, value in data.items() if key not in {"type", "delta", "usage"}}
        self._message |= rest

    def _add_delta(self, place: int, delta: Json) -> None:
        if not isinstance(delta, dict):
            return
        block = self._blocks.setdefault(place, {})
        for key, value in delta.items():
            if key == "partial_json":
                self._inputs[place] = self._inputs.get(place, "") + str(value)
            elif key == "citation":
                block["citations"] = [*as_list(block.get("citations")), value]
            elif key != "type":
                block[key] = appended(block.get(key), value)

    def _block(self, place: int) -> Json:
        block = self._blocks[place]
        raw = self._inputs.get(place)
        if not raw:
            return block
        try:
            return block | {"input": parse_json(raw)}
        except ValueError:
            return block | {"input": raw}
