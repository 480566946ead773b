"""Finds what each request of a cassette has in common with one before it; `like` reads it."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_llmreplay.event import HttpRequest, Json

from .like import LONGEST_CHAIN, Abridged, has_reference, mapping_in, reference

__all__ = ["Abridger"]

WINDOW = 16  # earlier requests that are looked at: enough for agents that take turns
WORTH = 1024  # characters saved, of a request
A_MESSAGE = 24  # characters at least, of what is looked for in another place
WORTH_A_REFERENCE = 200  # the same, of elements that stand behind others


class Abridger:
    """Finds what each request of a cassette has in common with one before it."""

    def __init__(self) -> None:
        self._known: deque[_Known] = deque(maxlen=WINDOW)
        self._links: dict[int, int] = {}
        """Number of an event → how many others must be read to read it."""

    def abridge(self, number: int, request: HttpRequest) -> Abridged | None:
        """The short way to tell the request, where that is worth it; remembers the request."""
        known = _Known(number, request)
        best = max(self._known, key=known.saved, default=None)
        abridged = None
        if best and known.saved(best) > WORTH and self._links[best.number] < LONGEST_CHAIN:
            abridged = _abridge(known, best)
        self._remember(known, None if abridged is None else abridged.like)
        return abridged

    def remember(self, number: int, request: HttpRequest, likes: int | None) -> None:
        """Take note of a request whose document stays as it is."""
        self._remember(_Known(number, request), likes)

    def _remember(self, known: _Known, likes: int | None) -> None:
        self._links[known.number] = 0 if likes is None else self._links[likes] + 1
        if known.body is not None:
            self._known.append(known)


class _Known:
    """A request, with its body in pieces of text that are quick to compare."""

    def __init__(self, number: int, request: HttpRequest) -> None:
        self.number = number
        self.request = request
        self.body = mapping_in(request.body)
        self.texts: dict[str, str | list[str]] = {
            key: [json.dumps(element) for element in value]
            if isinstance(value, list)
            else json.dumps(value)
            for key, value in (self.body or {}).items()
        }
        self._places: dict[str, Mapping[str, int]] = {}

    def places(self, key: str) -> Mapping[str, int]:
        """Where each element of a list stands that stands there once, and is no number or word."""
        if key not in self._places:
            texts = self.texts[key]
            often = Counter(text for text in texts if len(text) >= A_MESSAGE)
            self._places[key] = {
                text: place for place, text in enumerate(texts) if often[text] == 1
            }
        return self._places[key]

    def saved(self, other: _Known) -> int:
        """How many characters the other one spares."""
        return sum(
            sum(shared.saved for shared in _shared_elements(key, self, other))
            if isinstance(text, list)
            else len(text) * (text == other.texts.get(key))
            for key, text in self.texts.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """Elements, one behind the other, that two lists have in common."""

    place: int
    """Where they begin."""
    there: int
    """Where they begin in the earlier list."""
    count: int
    saved: int
    """Characters."""


def _shared_elements(key: str, known: _Known, other: _Known) -> Iterator[_Shared]:
    """What a list has in common with the earlier one, in the order of both.

    An element is looked for behind the last one that was found, at its own place, and where its
    like is the only one: so a changed head or a history that has lost its beginning is passed
    over, in a time that grows with the list.
    """
    mine, theirs = known.texts[key], other.texts.get(key)
    if not isinstance(mine, list) or not isinstance(theirs, list):
        return
    place = free = 0
    while place < len(mine):
        there = next(
            (at for at in (free, place) if free <= at < len(theirs) and theirs[at] == mine[place]),
            other.places(key).get(mine[place], -1),
        )
        if there < free:
            place += 1
            continue
        count = _common_count(mine, place, theirs, there)
        saved = sum(map(len, mine[place : place + count]))
        if saved > WORTH_A_REFERENCE or place == there == 0:
            yield _Shared(place=place, there=there, count=count, saved=saved)
        place, free = place + count, there + count


def _common_count(mine: list[str], place: int, theirs: list[str], there: int) -> int:
    """How many elements are alike from two places on."""
    most = min(len(mine) - place, len(theirs) - there)
    unlike = (at for at in range(most) if mine[place + at] != theirs[there + at])
    return next(unlike, most)


def _abridge(known: _Known, other: _Known) -> Abridged | None:
    assert known.body is not None
    assert other.body is not None
    if any(has_reference(key, value) for key, value in known.body.items()):
        return None  # the application's own words look like ours
    followed = [key for key in other.body if key in known.body]
    followed += [key for key in known.body if key not in other.body]
    mine, theirs = known.request, other.request
    return Abridged(
        like=other.number,
        method=None if mine.method == theirs.method else mine.method,
        url=None if mine.url == theirs.url else mine.url,
        headers=None if mine.headers == theirs.headers else mine.headers,
        body={
            key: _abridged_list(key, value, known, other) if isinstance(value, list) else value
            for key, value in known.body.items()
            if known.texts[key] != other.texts.get(key)
        },
        without=tuple(key for key in other.body if key not in known.body),
        order=() if followed == list(known.body) else tuple(known.body),
    )


def _abridged_list(key: str, value: list[Json], known: _Known, other: _Known) -> list[Json]:
    """A list of a body, with references in place of the elements that both have."""
    if key == "like":
        return value
    told: list[Json] = []
    done = 0
    for shared in _shared_elements(key, known, other):
        told += value[done : shared.place]
        told.append(reference(key, other.number, shared.there, shared.count))
        done = shared.place + shared.count
    return told + value[done:]
