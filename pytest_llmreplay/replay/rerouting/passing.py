"""A stream that reaches the client in the format in which it came."""

from __future__ import annotations

import json
from itertools import chain

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.streams.json_lines import values_of
from pytest_llmreplay.providers.streams.sse import SseSplitter, split

__all__ = ["Passing", "WithoutUsage", "ends_in_error"]


class Passing:
    """The bytes as they came."""

    def feed(self, data: bytes) -> list[bytes]:
        """What of these bytes the client gets now."""
        return [data]

    def end(self) -> list[bytes]:
        """The events that were held back: none."""
        return []


class WithoutUsage:
    """All events but the one of chat completions that only tells usage.

    The target is always asked for usage; a client that did not ask trips over an event without
    choices.
    """

    def __init__(self) -> None:
        self._splitter = SseSplitter()

    def feed(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        return [raw for raw in self._splitter.feed(data) if not _tells_usage(raw)]

    def end(self) -> list[bytes]:
        """What was kept back: an event without its end."""
        return self._splitter.close()


def ends_in_error(data: bytes) -> bool:
    """Whether an event, or a line, of a stream says that it failed: its client hangs up then."""
    if b'"error"' not in data:
        return False
    told = (_object_in(event.data) for event in split(data))
    return any(
        value.get("type") == "error" or bool(value.get("error"))
        for value in chain(told, values_of(data))
    )


def _tells_usage(event: bytes) -> bool:
    if b'"usage"' not in event or b'"choices"' not in event:
        return False
    value = next((_object_in(found.data) for found in split(event)), {})
    return value.get("choices") == [] and bool(value.get("usage"))


def _object_in(data: str) -> dict[str, Json]:
    """The object that an event holds; an empty one where it holds something else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return as_object(value)
