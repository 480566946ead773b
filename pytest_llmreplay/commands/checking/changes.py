"""What a cassette says now that it did not say in an earlier revision.

For whoever reviews recordings that came from outside: a played answer drives the tools of the
application, and an address or an unseen character may be meant for a person or for a model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.compare.answers.arguments import canonical
from pytest_llmreplay.compare.answers.content import calls_of
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Event, JsonBody, TextBody

from .finding import Finding, Kind
from .unseen import name_of, unseen_in

__all__ = ["ReviewPoint", "changes", "review_points"]

_URL = re.compile(r"\b(?:[a-zA-Z][\w+.-]{1,20}://|javascript:|data:[\w.+/-]+[;,])[^\s\"'<>`\\]+")
_TRAILING = ".,;:!?)]}*_"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class ReviewPoint:
    """One thing that a reviewer asks for."""

    kind: Kind
    text: str
    """In words; by it two are told apart."""
    start: int
    """Offset of the event in its file."""


def review_points(cassette: Cassette) -> list[ReviewPoint]:
    """Tool calls, URLs and texts with unseen characters, of all documents that can be read."""
    return [point for event, start in _readable(cassette) for point in _of_event(event, start)]


def changes(cassette: Cassette, before: Iterable[ReviewPoint]) -> Iterator[Finding]:
    """A finding for everything that is new in a cassette; a tool call as often as it is new."""
    earlier = Counter((point.kind, point.text) for point in before)
    new: list[ReviewPoint] = []
    for point in review_points(cassette):
        known, is_call = earlier[point.kind, point.text] > 0, point.kind == "new tool call"
        new += [] if known else [point]
        if known == is_call:  # each call that was there stands for one; an address for all
            earlier[point.kind, point.text] += -1 if is_call else 1
    gone = [text for (kind, text), left in earlier.items() if left > 0 and kind == "new tool call"]
    for point in new:
        problem = _cut(point.text) + _instead_of(point, gone)
        line = cassette.index.line(point.start)
        yield Finding(kind=point.kind, path=cassette.path, line=line, problem=problem)


def _readable(cassette: Cassette) -> Iterator[tuple[Event, int]]:
    """Events with their offsets, and those that accepted answers make; damage is told elsewhere."""
    for place, slot in enumerate(cassette.index.events):
        try:
            yield cassette.document(place).event, slot.start
        except LlmReplayError:
            continue
    try:
        for slot, one in zip(cassette.index.accepted, cassette.accepted_documents(), strict=True):
            event = cassette.document(cassette.index.places[one.number]).event
            yield one.accepted.baseline(event), slot.start
    except (LlmReplayError, KeyError):
        return


def _of_event(event: Event, start: int) -> Iterator[ReviewPoint]:
    for call in calls_of(event.response):
        arguments = canonical(call.arguments)
        yield ReviewPoint("new tool call", f"{call.name}({arguments})", start)
    for text in dict.fromkeys(_texts(event)):
        for url in _URL.findall(text):
            yield ReviewPoint("new url", url.rstrip(_TRAILING), start)
        names = dict.fromkeys(name_of(character) for _, character in unseen_in(text))
        if names:
            yield ReviewPoint("new unseen character", f"{', '.join(names)} in {text!r}", start)


def _texts(event: Event) -> Iterator[str]:
    """Every text of a request and of the decoded answer, keys included."""
    request = event.exchange.request
    yield request.url
    if isinstance(request.body, JsonBody):
        yield from _strings(request.body.value)
    elif isinstance(request.body, TextBody):
        yield request.body.text
    yield from _strings(asdict(event.response))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _instead_of(point: ReviewPoint, gone: list[str]) -> str:
    """The call of the same tool that is there no more, where there is one."""
    tool = point.text.partition("(")[0] + "("
    found = next((text for text in gone if text.startswith(tool)), None)
    if point.kind != "new tool call" or found is None:
        return ""
    gone.remove(found)
    return f", before: {_cut(found)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}"
