"""A stream of one format told in another, while it comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from pytest_llmreplay.event import Part, Response, ToolCallPart
from pytest_llmreplay.providers.chat_completions.deltas import ChatReader, ChatWriter
from pytest_llmreplay.providers.deltas.custom_calls import CustomCalls
from pytest_llmreplay.providers.deltas.delta import (
    Arguments,
    Begins,
    CallBegins,
    CallEnds,
    Delta,
    DeltaReader,
    DeltaWriter,
    Kind,
    Words,
    words_of,
)
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.messages.deltas import MessagesReader, MessagesWriter
from pytest_llmreplay.providers.responses.deltas import ResponsesReader, ResponsesWriter
from pytest_llmreplay.providers.streams.sse import SseSplitter, split
from pytest_llmreplay.providers.tools.arguments import arguments_text
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

__all__ = ["Retelling", "reader_of", "retelling"]

_READERS: Mapping[str, Callable[[], DeltaReader]] = MappingProxyType(
    {
        "chat_completions": ChatReader,
        "messages": MessagesReader,
        "responses": ResponsesReader,
    }
)

_NO_ARGUMENTS = "{}"
"""Anthropic tells nothing where there are none; clients of OpenAI's formats parse what they get."""


def reader_of(api: str) -> DeltaReader | None:
    """What reads a stream of a format while it comes; none where it is only told whole."""
    make = _READERS.get(api)
    return None if make is None else make()


def retelling(
    source: str,
    client: str,
    *,
    usage: bool,
    custom: Collection[str] = (),
    thoughts: bool = True,
) -> Retelling | None:
    """What tells streams of one format in another; none where one of them is only told whole.

    Args:
        source: Name of the format that comes.
        client: Name of the format that the client reads.
        usage: Whether the client asked for usage, where it has to be asked for.
        custom: Names of the client's custom tools that are functions in the other format.
        thoughts: Whether the client reads what the model thought.
    """
    writers: dict[str, Callable[[], DeltaWriter]] = {
        "chat_completions": partial(ChatWriter, usage=usage),
        "messages": MessagesWriter,
        "responses": ResponsesWriter,
    }
    if source not in _READERS or client not in writers:
        return None
    return Retelling(_READERS[source](), writers[client](), CustomCalls(custom), thoughts=thoughts)


@dataclass(slots=True)
class _Written:
    """What of a stream was written so far."""

    begun: bool = False
    kinds: frozenset[Kind] = frozenset()
    calls: int = 0
    bare: set[int] = field(default_factory=set)
    """Places of the calls without any arguments so far."""


class Retelling:
    """One stream.

    Args:
        reader: Of the format that comes.
        writer: Of the format that the client reads.
        custom: Knows the custom tools that are functions in the format that comes.
        thoughts: Whether the client reads what the model thought.
    """

    def __init__(
        self, reader: DeltaReader, writer: DeltaWriter, custom: CustomCalls, *, thoughts: bool
    ) -> None:
        self._reader, self._writer, self._custom = reader, writer, custom
        self._thoughts = thoughts
        self._splitter = SseSplitter()
        self._so_far = _Written()

    def feed(self, data: bytes) -> list[bytes]:
        """The events of the client's format that these bytes complete."""
        return [event for raw in self._splitter.feed(data) for event in self._event(raw)]

    def end(self, response: Response) -> list[bytes]:
        """The last events, once the stream is whole.

        Args:
            response: All that the stream said. What no event told piece by piece is told now.
        """
        events = [event for raw in self._splitter.close() for event in self._event(raw)]
        begins = Begins(response.model)
        for delta in (begins, *self._custom.close(), *self._missing(response.parts)):
            events += self._say(delta)
        for place in sorted(self._so_far.bare):
            events += self._say(Arguments(place, _NO_ARGUMENTS))
        return [*events, *self._writer.end(response)]

    def _event(self, raw: bytes) -> Iterator[bytes]:
        for event in split(raw):
            try:
                data = parse_json(event.data)
            except ValueError:
                continue
            if isinstance(data, dict):
                for read in self._reader.read(data):
                    for delta in self._custom.take(read):
                        yield from self._say(delta)

    def _say(self, delta: Delta) -> Iterator[bytes]:
        so_far = self._so_far
        if isinstance(delta, Words) and delta.kind == "reasoning" and not self._thoughts:
            return
        if isinstance(delta, Begins):
            if so_far.begun:
                return
            so_far.begun = True
        elif not so_far.begun:
            yield from self._say(Begins(None))
        if isinstance(delta, CallBegins):
            so_far.calls += 1
            if not delta.custom:
                so_far.bare.add(delta.place)
        elif isinstance(delta, Arguments):
            so_far.bare.discard(delta.place)
        elif isinstance(delta, CallEnds) and delta.place in so_far.bare:
            yield from self._say(Arguments(delta.place, _NO_ARGUMENTS))
        elif isinstance(delta, Words):
            so_far.kinds |= {delta.kind}
        yield from self._writer.write(delta)

    def _missing(self, parts: tuple[Part, ...]) -> Iterator[Delta]:
        """What the answer says, but no event did."""
        known = self._so_far.kinds
        calls = [part for part in parts if isinstance(part, ToolCallPart)]
        for part in parts:
            words = words_of(part)
            if words is not None and words.text and words.kind not in known:
                yield words
        for call in calls[self._so_far.calls :]:
            place = -1 - self._so_far.calls
            custom = call.extra.get("type") == CUSTOM
            yield CallBegins(place, call.id, call.name, custom)
            yield Arguments(place, arguments_text(call))
            yield CallEnds(place)
