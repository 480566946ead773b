"""Secrets in streams, also those that the provider cut into pieces.

The texts at the same place of successive events are read as one, and what shows there is cut out of
the pieces: a piece may hold enough of a secret to be one, and the next piece the rest. Then every
server-sent event, and every frame of AWS, is redacted for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pytest_llmreplay.event import Chunk, Json, StreamBody

from .cheap_look import hides_ascii, might_join
from .open_frames import closed_frames, opened_frames
from .spans import Span, replaced_in_pieces

__all__ = ["MOST_ROUNDS", "redacted_stream"]

MOST_ROUNDS = 8
"""How often a text is searched at most; more than two rounds are rare."""

_INDEXES = ("index", "output_index", "content_index", "summary_index", "contentBlockIndex")
"""Fields that tell one text of an answer from another."""
_DATA = re.compile(rb"(?m)^(data: ?)?([\[{].*?)\r?$")
"""The payload of a server-sent event, or a line of its own."""


def redacted_stream(
    stream: StreamBody,
    *,
    might_change: Callable[[str], bool],
    json_of: Callable[[Json], Json],
    spans_of: Callable[[str], list[Span]],
) -> StreamBody:
    """The stream as it may be written; the same object where nothing had to change.

    Args:
        stream: What came.
        might_change: Whether redaction could change a text or JSON text; no is always right.
        json_of: Redacts a JSON value.
        spans_of: Finds what to replace in a text.
    """
    lines = opened_frames(stream)
    if lines is None:
        return _redacted(stream, might_change, json_of, spans_of)
    return closed_frames(stream, lines, _redacted(lines, might_change, json_of, spans_of))


def _redacted(
    stream: StreamBody,
    might_change: Callable[[str], bool],
    json_of: Callable[[Json], Json],
    spans_of: Callable[[str], list[Span]],
) -> StreamBody:
    if not _might_change(stream, might_change):
        return stream
    events = [_Event.of(chunk) for chunk in stream.chunks]
    _redact_joined(events, spans_of)
    for event in events:
        event.redact(json_of)
    _redact_joined(events, spans_of)  # what took the place of a secret may have laid another bare
    return StreamBody(chunks=tuple(event.chunk() for event in events))


def _redact_joined(events: list[_Event], spans_of: Callable[[str], list[Span]]) -> None:
    for pieces in _joined_texts(events):
        for _ in range(MOST_ROUNDS):
            spans = spans_of("".join(piece.text for piece in pieces))
            if not spans:
                break
            _replace(pieces, spans)


def _might_change(stream: StreamBody, might_change: Callable[[str], bool]) -> bool:
    """Look at the stream as it is, and at its pieces joined."""
    data = stream.data
    text = data.decode(errors="replace")
    return hides_ascii(data) or might_change(text) or might_join(text, might_change)


@dataclass(slots=True, kw_only=True)
class _Event:
    """One chunk, taken apart."""

    source: Chunk
    values: list[Json]
    """The JSON of each `data:` line; none where the chunk is not made of them."""
    text: str
    """The chunk as text, where it holds no JSON."""
    changed: bool = False

    @classmethod
    def of(cls, chunk: Chunk) -> _Event:
        values = [value for _, value in _json_lines(chunk.data)]
        return cls(source=chunk, values=values, text="" if values else chunk.data.decode("latin-1"))

    def redact(self, json_of: Callable[[Json], Json]) -> None:
        """Redact the event for itself."""
        clean = [json_of(value) for value in self.values]
        self.changed = self.changed or clean != self.values
        self.values = clean

    def chunk(self) -> Chunk:
        """The chunk as it may be written."""
        if not self.changed:
            return self.source
        if not self.values:
            return replace(self.source, data=self.text.encode("latin-1", errors="replace"))
        return replace(self.source, data=_with_json(self.source.data, self.values))


@dataclass(slots=True, kw_only=True)
class _Piece:
    """A text in an event, and where it stands."""

    event: _Event
    holder: Any
    """The list, dictionary or event that holds the text."""
    key: str | int | None

    @property
    def text(self) -> str:
        return str(self.event.text if self.key is None else self.holder[self.key])

    def write(self, text: str) -> None:
        self.event.changed = True
        if self.key is None:
            self.event.text = text
        else:
            self.holder[self.key] = text


def _joined_texts(events: list[_Event]) -> Iterator[list[_Piece]]:
    """The pieces at each place where more than one event has a text."""
    places: dict[tuple[object, ...], list[_Piece]] = {}
    for event in events:
        if not event.values:
            places.setdefault((), []).append(_Piece(event=event, holder=event, key=None))
        for number, value in enumerate(event.values):
            for place, holder, key in _texts(value, (), event.values, number):
                piece = _Piece(event=event, holder=holder, key=key)
                places.setdefault(place, []).append(piece)
    yield from (pieces for pieces in places.values() if len(pieces) > 1)


_Place = tuple[object, ...]


def _texts(
    value: Json, place: _Place, holder: Any, key: str | int
) -> Iterator[tuple[_Place, Any, str | int]]:
    if isinstance(value, str):
        yield place, holder, key
    elif isinstance(value, dict):
        place = (*place, *(value.get(name) for name in _INDEXES if name in value))
        for name, item in value.items():
            yield from _texts(item, (*place, name), value, name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*place, "[]"), value, index)


def _replace(pieces: list[_Piece], spans: list[Span]) -> None:
    before = [piece.text for piece in pieces]
    for piece, old, new in zip(pieces, before, replaced_in_pieces(before, spans), strict=True):
        if new != old:
            piece.write(new)


def _json_lines(data: bytes) -> Iterator[tuple[re.Match[bytes], Json]]:
    for match in _DATA.finditer(data):
        try:
            value = json.loads(match[2])
        except (ValueError, RecursionError):
            continue
        yield match, value


def _with_json(data: bytes, values: list[Json]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for (match, _), value in zip(list(_json_lines(data)), values, strict=True):
        parts += [data[at : match.start(2)], _in_style_of(match[2], value)]
        at = match.end(2)
    return b"".join([*parts, data[at:]])


def _in_style_of(before: bytes, value: Json) -> bytes:
    """JSON with the blanks and escapes that the provider writes."""
    separators = (", ", ": ") if b'": ' in before else (",", ":")
    text = json.dumps(value, separators=separators, ensure_ascii=before.isascii())
    return text.encode(errors="surrogatepass")
