"""Requests told by what they add to an earlier one of the same cassette.

A session of twenty turns sends its history twenty times. `like: N` says that what this request
has in common with event N stands there: keys of the body that are equal are left out, and a list
that begins as it began there starts with `{like: N, messages: K}`, its first K elements. The body
comes back with its keys in the order of the wire, which `order` tells where it does not follow.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.event import Body, HttpRequest, Json, JsonBody

from .wire import body_of

__all__ = ["LONGEST_CHAIN", "Abridged", "Abridger", "request_of", "resolve"]

LONGEST_CHAIN = 40
WINDOW = 16  # earlier requests that are looked at: enough for agents that take turns
WORTH = 1024  # characters saved

_REQUEST = frozenset(["method", "url", "headers", "body", "text", "base64"])
_ABRIDGED = frozenset(["like", "without", "order", "method", "url", "headers", "body"])

_Text: TypeAlias = "str | list[str]"
"""A value as JSON text; a list as the texts of its elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abridged:
    """A request told by what it adds to an earlier one; `None` is: as there."""

    like: int
    method: str | None = None
    url: str | None = None
    headers: Mapping[str, str] | None = None
    body: dict[str, Json]
    """Keys that differ; a list may begin with the elements that it has in common."""
    without: tuple[str, ...] = ()
    """Keys of the earlier body that this one lacks."""
    order: tuple[str, ...] = ()
    """All keys as they were sent, where resolving gives another order."""


def request_of(value: Json) -> HttpRequest | Abridged:
    """What was sent: the value under `request`."""
    path: Path = ("request",)
    if isinstance(value, dict) and "like" in value:
        return _abridged_of(Fields(value, path, _ABRIDGED))
    fields = Fields(value, path, _REQUEST)
    return HttpRequest(
        method=fields.text("method"),
        url=fields.text("url"),
        headers=fields.texts_by_name("headers"),
        body=body_of(fields),
    )


def _abridged_of(fields: Fields) -> Abridged:
    """A request that is written with `like`."""
    body = fields.value.get("body", {})
    if not isinstance(body, dict):
        raise WrongField((*fields.path, "body"), "beside `like` a body holds keys and values")
    return Abridged(
        like=fields.integer("like"),
        method=fields.text_or_none("method"),
        url=fields.text_or_none("url"),
        headers=fields.texts_by_name("headers") if "headers" in fields else None,
        body=body,
        without=fields.texts("without"),
        order=fields.texts("order"),
    )


def resolve(abridged: Abridged, earlier: HttpRequest) -> HttpRequest:
    """The whole request; values it has in common are shared with the earlier one."""
    path: Path = ("request", "body")
    base = _mapping_in(earlier.body)
    if base is None:
        raise WrongField(("request", "like"), f"the body of event {abridged.like} has no keys")
    if unknown := [key for key in abridged.without if key not in base]:
        problem = f"event {abridged.like} has no key {unknown[0]!r} to leave out"
        raise WrongField(("request", "without"), problem)
    body = {key: base[key] for key in base if key not in abridged.without}
    for key, value in abridged.body.items():
        body[key] = _expanded(key, value, base, abridged.like, (*path, key))
    if abridged.order:
        if sorted(abridged.order) != sorted(body):
            raise WrongField(("request", "order"), "it must name each key of the body once")
        body = {key: body[key] for key in abridged.order}
    return HttpRequest(
        method=earlier.method if abridged.method is None else abridged.method,
        url=earlier.url if abridged.url is None else abridged.url,
        headers=earlier.headers if abridged.headers is None else abridged.headers,
        body=JsonBody(value=body),
    )


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
        self.body = _mapping_in(request.body)
        self.texts: dict[str, _Text] = {
            key: [json.dumps(element) for element in value]
            if isinstance(value, list)
            else json.dumps(value)
            for key, value in (self.body or {}).items()
        }

    def saved(self, other: _Known) -> int:
        """How many characters the other one spares."""
        return sum(_common_length(text, other.texts.get(key)) for key, text in self.texts.items())


def _abridge(known: _Known, other: _Known) -> Abridged | None:
    assert known.body is not None
    assert other.body is not None
    if any(_is_reference(key, value) for key, value in known.body.items()):
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
            key: _abridged_value(key, value, known, other)
            for key, value in known.body.items()
            if known.texts[key] != other.texts.get(key)
        },
        without=tuple(key for key in other.body if key not in known.body),
        order=() if followed == list(known.body) else tuple(known.body),
    )


def _abridged_value(key: str, value: Json, known: _Known, other: _Known) -> Json:
    """A value of a body, with a reference in place of the elements that both begin with."""
    shared = _common_count(known.texts[key], other.texts.get(key)) if key != "like" else 0
    if not shared or not isinstance(value, list):
        return value
    return [{"like": other.number, key: shared}, *value[shared:]]


def _expanded(key: str, value: Json, base: dict[str, Json], like: int, path: Path) -> Json:
    """A value of an abridged body, with the elements that stand in event `like`."""
    if not _is_reference(key, value):
        return value
    assert isinstance(value, list)
    assert isinstance(value[0], dict)
    count, earlier = value[0][key], base.get(key)
    if value[0]["like"] != like:
        raise WrongField((*path, 0), f"it can only be like event {like}, as the request is")
    if type(count) is not int or not isinstance(earlier, list) or not 0 < count <= len(earlier):
        held = f"only {len(earlier)} elements" if isinstance(earlier, list) else "no such list"
        raise WrongField((*path, 0), f"cannot take {count!r}: event {like} has {held}")
    return earlier[:count] + value[1:]


def _is_reference(key: str, value: Json) -> bool:
    if not isinstance(value, list) or not value or key == "like":
        return False
    return isinstance(value[0], dict) and value[0].keys() == {"like", key}


def _common_length(text: _Text, other: _Text | None) -> int:
    if isinstance(text, list):
        return sum(map(len, text[: _common_count(text, other)]))
    return len(text) if text == other else 0


def _common_count(text: _Text, other: _Text | None) -> int:
    """How many elements two lists begin with alike."""
    if not isinstance(text, list) or not isinstance(other, list):
        return 0
    pairs = zip(text, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _mapping_in(body: Body | None) -> dict[str, Json] | None:
    value = body.value if isinstance(body, JsonBody) else None
    return value if isinstance(value, dict) else None
