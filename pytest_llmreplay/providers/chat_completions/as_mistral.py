"""A stream of chat completions as Mistral's server tells it, for the clients of its API.

It tells each tool call in one chunk, so that its SDK wants a name in every chunk, and usage in the
last chunk of a choice, whether asked or not:
https://github.com/mistralai/client-python/blob/main/src/mistralai/client/models/functioncall.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.json_values import json_object
from pytest_llmreplay.providers.streams.sse import SseSplitter, split
from pytest_llmreplay.providers.streams.writing import event_bytes

from .delta import Calls

__all__ = ["AsMistral"]

_DONE = "[DONE]"


class AsMistral:
    """One stream; of each choice the calls are held back to the chunk that ends it."""

    def __init__(self) -> None:
        self._splitter = SseSplitter()
        self._calls: defaultdict[int, Calls] = defaultdict(Calls)
        self._last: dict[str, Json] | None = None
        """A chunk that ends a choice, and may be the last one."""
        self._base: dict[str, Json] = {}
        """What the last chunk said beside its choices."""

    def feed(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        return [event for raw in self._splitter.feed(data) for event in self._event(raw)]

    def end(self) -> list[bytes]:
        """The events that were held back."""
        rest = [event for raw in self._splitter.close() for event in self._event(raw)]
        return [*rest, *self._last_event(), *self._without_end()]

    def _event(self, raw: bytes) -> Iterator[bytes]:
        data = "".join(event.data for event in split(raw))
        chunk = json_object(data)
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            yield from self._last_event()
            yield from self._without_end() if data == _DONE else ()
            yield raw
            return
        self._base = {key: value for key, value in chunk.items() if key != "choices"}
        if not choices and self._last is not None:
            self._last |= self._base
            return
        yield from self._last_event()
        kept: list[Json] = [
            each for choice in choices if (each := self._choice(choice)) is not None
        ]
        if any(isinstance(each, dict) and each.get("finish_reason") for each in kept):
            self._last = chunk | {"choices": kept}
        elif kept or not choices:
            yield event_bytes(chunk | {"choices": kept})

    def _choice(self, choice: Json) -> Json:
        """A choice without pieces of calls, or with all of them; none where nothing is left."""
        delta = as_object(choice).get("delta")
        if not isinstance(choice, dict) or not isinstance(delta, dict):
            return choice
        index = choice.get("index")
        place = index if isinstance(index, int) else 0
        rest = {key: value for key, value in delta.items() if key != "tool_calls"}
        self._calls[place].add(delta.get("tool_calls"))
        if choice.get("finish_reason"):
            calls = _numbered(self._calls.pop(place))
            return choice | {"delta": rest | ({"tool_calls": calls} if calls else {})}
        return None if delta.get("tool_calls") and not rest else choice | {"delta": rest}

    def _last_event(self) -> Iterator[bytes]:
        if self._last is not None:
            yield event_bytes(self._last)
            self._last = None

    def _without_end(self) -> Iterator[bytes]:
        """Calls of choices that no chunk ended, as some servers do not."""
        for place, calls in sorted(self._calls.items()):
            if whole := _numbered(calls):
                choice: Json = {"index": place, "delta": {"tool_calls": whole}}
                yield event_bytes(self._base | {"choices": [choice]})
        self._calls.clear()


def _numbered(calls: Calls) -> list[Json]:
    whole = (call for call in calls.whole() if isinstance(call, dict))
    return [{"index": number, **call} for number, call in enumerate(whole)]
