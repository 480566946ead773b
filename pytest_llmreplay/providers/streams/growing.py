"""Reading long streams: events that bring the next words and nothing else are taken together.

Nearly all events of a stream equal the one before but for the words they add. Parsing each is
most of what it takes to put a stream together; here a run of them is recognised in the text,
exactly, and told as one event with all its words. What is not recognised is told event by event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import NamedTuple, TypeAlias

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.json_values import parse_json

from .sse import fields_of, split

__all__ = ["Grows", "Place", "StreamEvent", "StreamEvents", "appended"]

Place: TypeAlias = tuple[dict[str, Json], str]
"""An object and one of its keys."""

Grows: TypeAlias = Callable[[dict[str, Json]], Place | None]
"""Where the words of an event stand that may be told together with those of the next.

Only for an event that changes nothing else when it is told twice; `obfuscation` and
`sequence_number` do not count.
"""

_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_JSON_STRING = re.compile(_STRING)
_COUNT = re.compile(r"(?:0|[1-9][0-9]{0,17})(?![0-9.eE])")
_PADDING = "obfuscation"
_NUMBER = "sequence_number"
_SLOT = re.compile(
    rf'"(?:arguments|content|delta|{_PADDING}|partial_json|reasoning|reasoning_content|refusal'
    rf'|text|thinking)"\s*:\s*({_STRING})|"{_NUMBER}"\s*:\s*({_COUNT.pattern})'
)


_NO_JSON = frozenset({"", "[DONE]", "null"})
_FIRST_MARK = 10**18  # more than any number that a slot may hold


class StreamEvent(NamedTuple):
    """One event of a stream, or a run of events that is told as one."""

    event: str | None
    data: str
    """As it came; of a run, that of its first event."""
    value: Json
    """The data as JSON; none where it is no JSON."""


class StreamEvents:
    """The events of a stream, those that only bring more words taken together.

    Args:
        data: The stream.
        grows: Finds the words, by the API format.
    """

    def __init__(self, data: bytes, grows: Grows) -> None:
        self._data, self._grows = data, grows
        self.broken: str | None = None
        """The first event that is no JSON, once all are told; the last one may be torn."""

    def __iter__(self) -> Iterator[StreamEvent]:
        doubtful: str | None = None
        for event in _events(self._data, self._grows):
            self.broken = self.broken or doubtful
            doubtful = event.data if _is_broken(event) else None
            yield event


def _is_broken(event: StreamEvent) -> bool:
    """Whether the SDKs fail on an event; what keeps a connection alive may say anything."""
    return event.value is None and event.event != "ping" and event.data.strip() not in _NO_JSON


def _events(data: bytes, grows: Grows) -> Iterator[StreamEvent]:
    if b"\r" in data:  # other line ends are rare, and read as they always were
        yield from (_parsed(event.event, event.data) for event in split(data))
        return
    text = data.decode(errors="replace")
    at = 0
    while at < len(text):
        end = text.find("\n\n", at) + 2
        raw = text[at:] if end == 1 else text[at:end]
        at += len(raw)
        parsed = _parsed(*fields_of(raw))
        place = grows(parsed.value) if isinstance(parsed.value, dict) else None
        if place is not None and (run := _Run.after(raw, parsed, text, at, grows)) is not None:
            words, at = run.read(text, at)
            before = place[0][place[1]]
            assert isinstance(before, str)  # as `grows` says
            place[0][place[1]] = before + words
        yield parsed


def _parsed(event: str | None, data: str) -> StreamEvent:
    try:
        return StreamEvent(event, data, parse_json(data))
    except ValueError:
        return StreamEvent(event, data, None)


def appended(before: Json, value: Json) -> Json:
    """Words are appended; anything else takes the place of what was there."""
    if isinstance(before, str) and isinstance(value, str):
        return before + value
    return before if value is None else value


class _Run:
    """Events that are equal but for the strings in some slots, and their number.

    Args:
        between: The text around the slots, one piece more than there are slots.
        kinds: What may stand in each slot.
        words: Which slot brings words; the others are noise.
    """

    def __init__(self, between: list[str], kinds: list[re.Pattern[str]], words: int) -> None:
        self._slots = len(between) - 1
        self._words = words
        self._opening = between[0]
        after = [*between[1:-1], between[-1] + between[0]]
        self._rhythm = list(zip(kinds, after, strict=True))
        """What a slot holds and what follows; after the last of an event, the next one begins."""
        self._closing = between[-1]

    @classmethod
    def after(cls, raw: str, event: StreamEvent, text: str, at: int, grows: Grows) -> _Run | None:
        """The run that an event begins, where the text goes on with another event like it."""
        between: list[str] = []
        kinds: list[re.Pattern[str]] = []
        begin = 0
        for slot in _SLOT.finditer(raw):
            group = slot.lastindex or 0
            between.append(raw[begin : slot.start(group)])
            kinds.append(_JSON_STRING if group == 1 else _COUNT)
            begin = slot.end(group)
        if not between or not text.startswith(between[0], at) or not raw.endswith("\n\n"):
            return None
        between.append(raw[begin:])
        words = _slot_of_words(between, kinds, event, grows)
        return None if words is None else cls(between, kinds, words)

    def read(self, text: str, at: int) -> tuple[str, int]:
        """The words of all events of the run, and where the first other event begins."""
        found: list[str] = []
        strings: list[str] = []
        end = at
        at += len(self._opening)
        for kind, after in cycle(self._rhythm):
            string = kind.match(text, at)
            if string is None:
                break
            strings.append(string[0])
            at = string.end()
            if len(strings) == self._slots:
                if not text.startswith(self._closing, at):
                    break
                found.append(strings[self._words])
                strings.clear()
                end = at + len(self._closing)
            if not text.startswith(after, at):
                break
            at += len(after)
        return "".join(json.loads(f"[{','.join(found)}]")), end


def _slot_of_words(
    between: list[str], kinds: list[re.Pattern[str]], event: StreamEvent, grows: Grows
) -> int | None:
    """The slot that holds the words, if all others hold noise: seen by putting marks into them."""
    marks: list[Json] = [
        f"mark {slot}" if kind is _JSON_STRING else _FIRST_MARK + slot
        for slot, kind in enumerate(kinds)
    ]
    filled = "".join(
        f"{text}{json.dumps(mark)}" for text, mark in zip(between, marks, strict=False)
    )
    marked = _parsed(*fields_of(filled + between[-1])).value
    was, now = event.value, marked
    if not isinstance(was, dict) or not isinstance(now, dict):
        return None
    grown, known = grows(now), grows(was)
    if grown is None or known is None:
        return None
    words = _seen(marks, known[0][known[1]], grown[0][grown[1]])
    noise = [_seen(marks, was.get(key), now.get(key)) for key in (_PADDING, _NUMBER)]
    accounted = len(marks) == 1 + sum(slot is not None for slot in noise)
    return words if accounted and words not in noise else None


def _seen(marks: list[Json], before: Json, now: Json) -> int | None:
    """The slot whose mark took the place of a value."""
    if now == before or not isinstance(now, str | int) or now not in marks:
        return None
    return marks.index(now)
