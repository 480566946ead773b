"""Server-sent events: cut a stream into events, keep every byte.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .splitter import Splitter

__all__ = ["ServerSentEvent", "SseSplitter", "fields_of", "looks_like_sse", "split"]

# A lone CR ends a line as LF and CRLF do; two line ends in a row end an event.
_EVENT_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
_LINE_END = re.compile(r"\r\n|\n|\r")
_LONGEST_END = 4
_FIRST_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One event of a stream."""

    event: str | None
    data: str
    """All data lines; empty for a comment."""
    raw: bytes
    """The bytes it came as, its end included."""


class SseSplitter(Splitter):
    """Cuts a stream into events as its bytes arrive."""

    def feed(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        seen = max(0, len(self._pending) - _LONGEST_END)
        self._pending += data
        if b"\r" not in self._pending:  # nearly always, and then much faster
            return self._plain(seen)
        done: list[bytes] = []
        start = 0
        while (end := self._event_end(max(start, seen))) is not None:
            done.append(bytes(self._pending[start:end]))
            start = end
        del self._pending[:start]
        return done

    def _plain(self, seen: int) -> list[bytes]:
        """Where line feeds alone end lines."""
        if self._pending.find(b"\n\n", seen) < 0:
            return []
        *done, rest = bytes(self._pending).split(b"\n\n")
        self._pending[:] = rest
        return [event + b"\n\n" for event in done]

    def _event_end(self, start: int) -> int | None:
        match = _EVENT_END.search(self._pending, start)
        if match is None:
            return None
        last = match.end() == len(self._pending)
        half_line_end = last and self._pending.endswith(b"\r")
        return None if half_line_end else match.end()


def split(data: bytes) -> list[ServerSentEvent]:
    """All events of a stream, comments included; a last one may lack its blank line."""
    splitter = SseSplitter()
    return [_parse(raw) for raw in (*splitter.feed(data), *splitter.close())]


def looks_like_sse(data: bytes) -> bool:
    """Whether a body is a stream of events, whatever its content type says."""
    return _FIRST_FIELD.match(data) is not None


def fields_of(text: str) -> tuple[str | None, str]:
    """The name of an event and its data, all lines of it."""
    event: str | None = None
    data: list[str] = []
    text = text.removeprefix("\ufeff")
    for line in _LINE_END.split(text) if "\r" in text else text.split("\n"):
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif name == "event":
            event = value.removeprefix(" ")
    return event, "\n".join(data)


def _parse(raw: bytes) -> ServerSentEvent:
    event, data = fields_of(raw.decode("utf-8", errors="replace"))
    return ServerSentEvent(event=event, data=data, raw=raw)
