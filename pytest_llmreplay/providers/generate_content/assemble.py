"""Putting a stream of generateContent together.

Each of its events is a whole answer that says a little more; an answer that has said why it ended
is the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_list, as_object, as_text
from pytest_llmreplay.providers.google_format import Names
from pytest_llmreplay.providers.streams.growing import StreamEvents
from pytest_llmreplay.providers.streams.sse import looks_like_sse

from .answer import finish_word
from .array import elements

__all__ = ["assemble", "is_end", "told_values"]

_SIGNATURE = "thoughtSignature"
_OF_WORDS = frozenset({"text", "thought", _SIGNATURE})


def assemble(chunks: Sequence[bytes]) -> Assembled:
    """The whole answer; a finish reason ends it."""
    draft, (values, events) = _Draft(), _values_of(b"".join(chunks))
    for value in values:
        if isinstance(value, dict):
            draft.add(Names(value).rest)
    return Assembled(body=draft.body(), complete=draft.complete, broken=events.broken)


def is_end(chunk: bytes) -> bool:
    """Whether this event says why the answer ended, or that there is none."""
    values = told_values(chunk)
    return any(_ends(Names(value).rest) for value in values if isinstance(value, dict))


def told_values(data: bytes) -> Iterable[Json]:
    """What the events of a stream say, one by one."""
    values, _ = _values_of(data)
    return values


def _values_of(data: bytes) -> tuple[Iterable[Json], StreamEvents]:
    """What the events say, and the events; without `alt=sse` a stream is an array of the same."""
    events = StreamEvents(data, lambda _: None)
    if looks_like_sse(data):
        return (event.value for event in events), events
    return elements(data.decode(errors="replace")), events


def _ends(piece: dict[str, Json]) -> bool:
    if as_text(Names(piece.get("promptFeedback")).rest.get("blockReason")):
        return True
    found = as_list(piece.get("candidates"))
    return any(finish_word(Names(value).rest.get("finishReason")) for value in found)


class _Draft:
    """The answer so far."""

    def __init__(self) -> None:
        self.complete = False
        self._facts: dict[str, Json] = {}
        self._candidates: dict[int, dict[str, Json]] = {}
        self._parts: dict[int, list[Json]] = {}

    def add(self, piece: dict[str, Json]) -> None:
        """Counts are those of the answer so far: the last ones stand."""
        self.complete = self.complete or _ends(piece)
        for key, value in piece.items():
            if key == "candidates" and isinstance(value, list):
                self._facts.setdefault(key, [])
                for place, candidate in enumerate(value):
                    self._add_candidate(place, Names(candidate).rest)
            elif value is not None:
                self._facts[key] = value

    def body(self) -> dict[str, Json]:
        """The plain body."""
        whole: list[Json] = [self._candidate(index) for index in sorted(self._candidates)]
        return self._facts | {"candidates": whole} if "candidates" in self._facts else self._facts

    def _candidate(self, index: int) -> dict[str, Json]:
        candidate = dict(self._candidates[index])
        if index in self._parts:
            around = as_object(candidate.get("content"))
            candidate["content"] = around | {"parts": self._parts[index]}
        return candidate

    def _add_candidate(self, place: int, piece: dict[str, Json]) -> None:
        index = piece.get("index")
        index = index if isinstance(index, int) else place
        candidate = self._candidates.setdefault(index, {})
        content = Names(piece.get("content")).rest
        parts = content.pop("parts", None)
        if isinstance(parts, list):
            add_parts(self._parts.setdefault(index, []), parts)
        around = as_object(candidate.get("content"))
        candidate |= {key: value for key, value in piece.items() if value is not None}
        if "content" in candidate:
            candidate["content"] = around | content


def add_parts(parts: list[Json], more: Iterable[Json]) -> None:
    """Append parts to those of the events before."""
    for value in more:
        part = Names(value).rest if isinstance(value, dict) else value
        last = parts[-1] if parts else None
        if not isinstance(part, dict) or not isinstance(last, dict) or not _joined(last, part):
            parts.append(part)


def _joined(last: dict[str, Json], part: dict[str, Json]) -> bool:
    """Whether a part only went on with the last one, and is now told there."""
    text = part.get("text")
    if not isinstance(text, str) or part.keys() - _OF_WORDS:
        return False
    signed = _SIGNATURE in part
    if signed and _SIGNATURE in last:
        return False
    if text:
        if not _same_kind(last, part):
            return False
        last["text"] = f"{last['text']}{text}"
    if signed:  # with or without words it signs what was said before
        last[_SIGNATURE] = part[_SIGNATURE]
    return True


def _same_kind(last: dict[str, Json], part: dict[str, Json]) -> bool:
    words = isinstance(last.get("text"), str) and not last.keys() - _OF_WORDS
    return words and last.get("thought", False) == part.get("thought", False)
