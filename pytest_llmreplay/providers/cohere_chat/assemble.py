"""Putting a stream of Cohere's chat together.

https://docs.cohere.com/docs/streaming
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_object, is_blank
from pytest_llmreplay.providers.streams.growing import Place
from pytest_llmreplay.providers.streams.named_events import assemble_events, has_end

__all__ = ["assemble", "is_end"]

_ENDS = frozenset({"message-end"})
_GROWING = frozenset({"text", "thinking"})


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; `message-end` ends it."""
    return assemble_events(_Draft(), chunks, grows=_grows, ends=_ENDS)


def is_end(chunk: bytes) -> bool:
    """Whether this is the event `message-end`."""
    return has_end(chunk, _ENDS)


def _inner(data: dict[str, Json], *path: str) -> dict[str, Json]:
    """The object at a path; an empty one where there is none."""
    found: Json = data
    for key in path:
        found = as_object(found).get(key)
    return as_object(found)


def _grows(data: dict[str, Json]) -> Place | None:
    """The words or thoughts that a delta adds to an item of content, if it does nothing else."""
    content = _inner(data, "delta", "message", "content")
    if data.get("type") != "content-delta" or len(content) != 1 or "logprobs" in data:
        return None
    key = next(iter(content))
    return (content, key) if key in _GROWING and isinstance(content[key], str) else None


class _Draft:
    """The answer so far."""

    def __init__(self) -> None:
        self._top: dict[str, Json] = {}
        self._message: dict[str, Json] | None = None
        self._content: dict[int, dict[str, Json]] = {}
        self._calls: dict[int, dict[str, Json]] = {}
        self._citations: list[Json] = []
        self._plan = ""

    def add(self, kind: str, data: dict[str, Json]) -> None:
        message = _inner(data, "delta", "message")
        match kind:
            case "message-start":
                self._start(data, message)
            case "content-start" | "content-delta":
                self._grow(self._content, data, message.get("content"))
            case "tool-plan-delta":
                plan = message.get("tool_plan")
                self._plan += plan if isinstance(plan, str) else ""
            case "tool-call-start" | "tool-call-delta":
                self._grow(self._calls, data, message.get("tool_calls"))
            case "citation-start" if "citations" in message:
                self._citations.append(message["citations"])
            case "message-end":
                self._end(_inner(data, "delta"))
            case _:
                if data.get("error"):
                    self._top["error"] = data["error"]

    def body(self) -> dict[str, Json]:
        """The plain body; nothing said where no message began."""
        named: dict[str, Json] = {
            "content": [self._content[place] for place in sorted(self._content)],
            "tool_plan": self._plan,
            "tool_calls": [self._calls[place] for place in sorted(self._calls)],
            "citations": self._citations,
        }
        message = {key: value for key, value in named.items() if value}
        if self._message is None and not message:
            return self._top
        return self._top | {"message": {"role": "assistant"} | (self._message or {}) | message}

    def _start(self, data: dict[str, Json], message: dict[str, Json]) -> None:
        self._top |= {key: value for key, value in data.items() if key not in {"type", "delta"}}
        self._message = {key: value for key, value in message.items() if not is_blank(value)}

    def _end(self, delta: dict[str, Json]) -> None:
        self._top |= {key: value for key, value in delta.items() if value is not None}

    def _grow(self, places: dict[int, dict[str, Json]], data: dict[str, Json], delta: Json) -> None:
        if isinstance(delta, dict):
            index = data.get("index")
            place = index if isinstance(index, int) else max(len(places) - 1, 0)
            places[place] = _merged(places.get(place, {}), delta)


def _merged(before: dict[str, Json], delta: dict[str, Json]) -> dict[str, Json]:
    """Words and arguments are appended; all else takes the place of what was there."""
    merged = dict(before)
    for key, value in delta.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = _merged(known, value)
        elif key in _APPENDED and isinstance(known, str) and isinstance(value, str):
            merged[key] = known + value
        elif value is not None or key not in merged:
            merged[key] = value
    return merged


_APPENDED = _GROWING | {"arguments"}
