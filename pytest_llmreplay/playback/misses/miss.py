"""Explains why a call was not found: the nearest recorded event and what differs from it.

Only data; the text of the failure is made in `report`.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pytest_llmreplay.cassette.matching.keys import MatchRules, counted_query
from pytest_llmreplay.event import Body, HttpRequest, Json, JsonBody, TextBody

from .differences import Difference, differences, equal_parts
from .frames import UserFrame, user_frame
from .likeness import closeness, likeness

__all__ = ["Candidate", "Miss", "Nearest", "explain"]

_FINALISTS = 6
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A recorded event that a call could have meant."""

    number: int
    name: str | None
    played: bool
    request: Callable[[], HttpRequest]
    """Reads the stored request; asked once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The recorded event that a call resembles most."""

    number: int
    name: str | None
    played: bool
    """Whether another call has already been answered from it."""
    method: str
    path: str
    """With its query, where it has no body. Method and path differ from the call's where only the
    body is alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A call for which there is no recording."""

    call: int
    """Place of the call in its test, counted from 1."""
    method: str
    path: str
    frame: UserFrame | None
    """The line of the user's code it comes from."""
    total: int
    """Events in the cassette."""
    nearest: Nearest | None = None
    """None where the cassette is empty or missing."""
    differences: tuple[Difference, ...] = ()
    """Empty where the nearest event is equal and was already played."""
    more: int = 0
    """Differences beyond those."""
    equal: tuple[str, ...] = ()
    """What is equal, in words: `model`, `2 tools`, `1 message`."""
    ignore: tuple[str, ...] = ()
    """Paths for `match_ignore` under which the nearest event would match."""
    idle: tuple[str, ...] = ()
    """Paths that are ignored, and lead to nothing in the call and in the nearest event."""


def explain(
    request: HttpRequest,
    candidates: Iterable[Candidate],
    *,
    call: int,
    rules: MatchRules | None = None,
) -> Miss:
    """Say what a call is nearest to, and what differs.

    Args:
        request: The call, redacted.
        candidates: Every event of the cassette.
        call: Place of the call in its test.
        rules: What does not count in a match does not count here either, nor do ids of tool
            calls that differ alone.
    """
    rules = (rules or MatchRules()).inexact
    known = [_Stored.of(candidate, rules) for candidate in candidates]
    asked = _asked(request, rules)
    miss = Miss(
        call=call,
        method=request.method.upper(),
        path=_path(request),
        frame=user_frame(),
        total=len(known),
    )
    if not known:
        return miss
    stored = _nearest(miss, asked, known)
    idle = rules.idle(_value(request.body), stored.whole)
    return _compared(miss, asked, stored, idle)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    candidate: Candidate
    method: str
    path: str
    whole: Json
    body: Json
    """What counts of it."""

    @classmethod
    def of(cls, candidate: Candidate, rules: MatchRules) -> _Stored:
        request = candidate.request()
        return cls(
            candidate=candidate,
            method=request.method.upper(),
            path=_path(request),
            whole=_value(request.body),
            body=_asked(request, rules),
        )


def _asked(request: HttpRequest, rules: MatchRules) -> Json:
    return rules.applied(_value(request.body))


def _value(body: Body | None) -> Json:
    if isinstance(body, JsonBody):
        return body.value
    if isinstance(body, TextBody):
        return body.text
    return None if body is None else f"{len(body.data)} bytes, not text"


def _path(request: HttpRequest) -> str:
    """The path, with what counts of the query."""
    parts = urlsplit(request.url)
    path, query = parts.path or "/", counted_query(parts.query)
    return f"{path}?{query}" if query and request.body is None else path


def _nearest(miss: Miss, asked: Json, known: Sequence[_Stored]) -> _Stored:
    def rank(stored: _Stored, alike: Callable[[Json, Json], float]) -> tuple[float, bool, int]:
        same_place = (stored.method, stored.path) == (miss.method, miss.path)
        candidate = stored.candidate
        nearby = -abs(candidate.number - miss.call)
        return alike(stored.body, asked) + same_place, not candidate.played, nearby

    finalists = heapq.nlargest(_FINALISTS, known, key=lambda stored: rank(stored, likeness))
    return max(finalists, key=lambda stored: rank(stored, closeness))


def _compared(miss: Miss, asked: Json, stored: _Stored, idle: tuple[str, ...]) -> Miss:
    found = list(differences(stored.body, asked))
    candidate = stored.candidate
    same_place = (stored.method, stored.path) == (miss.method, miss.path)
    return replace(
        miss,
        nearest=Nearest(
            number=candidate.number,
            name=candidate.name,
            played=candidate.played,
            method=stored.method,
            path=stored.path,
        ),
        differences=tuple(found[:_MOST]),
        more=max(0, len(found) - _MOST),
        equal=equal_parts(stored.body, asked),
        ignore=_ignore(found) if same_place else (),
        idle=idle,
    )


_INDEX = re.compile(r"\[\d+\]")
_FEW = 3


def _ignore(found: Sequence[Difference]) -> tuple[str, ...]:
    """The paths that differ; one for all items where several items differ in the same field."""
    paths = list(dict.fromkeys(difference.path for difference in found))
    whole = [_INDEX.sub("[*]", path) for path in paths]
    joined = (
        general if whole.count(general) > 1 else path
        for path, general in zip(paths, whole, strict=True)
    )
    some = tuple(dict.fromkeys(path for path in joined if path))
    return some if len(some) <= _FEW and all(paths) else ()
