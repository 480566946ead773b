"""Requests told by what they add to an earlier one of the same cassette.

A session of twenty turns sends its history twenty times. `like: N` says that what this request
has in common with event N stands there: keys of the body that are equal are left out, and
elements of a list that are equal there are told by their places: `{like: N, messages: 3}` stands
for the first three, `{like: N, messages: 2-40}` for the second to the fortieth. The body comes
back with its keys in the order of the wire, which `order` tells where it does not follow.
`abridger` finds what requests have in common.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.event import Body, HttpRequest, Json, JsonBody

from .wire import body_of

__all__ = [
    "LONGEST_CHAIN",
    "Abridged",
    "has_reference",
    "mapping_in",
    "reference",
    "request_of",
    "resolve",
]

LONGEST_CHAIN = 40

_REQUEST = frozenset(["method", "url", "headers", "body", "text", "base64"])
_ABRIDGED = frozenset(["like", "without", "order", "method", "url", "headers", "body"])
_PLACES = re.compile(r"([1-9]\d{0,8})-([1-9]\d{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abridged:
    """A request told by what it adds to an earlier one; `None` is: as there."""

    like: int
    method: str | None = None
    url: str | None = None
    headers: Mapping[str, str] | None = None
    body: dict[str, Json]
    """Keys that differ; a list may hold references to elements that it has in common."""
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
    base = mapping_in(earlier.body)
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


def reference(key: str, like: int, first: int, count: int) -> Json:
    """What stands in a list for `count` elements of event `like`, from its place `first` on."""
    return {"like": like, key: f"{first + 1}-{first + count}" if first else count}


def has_reference(key: str, value: Json) -> bool:
    """Whether an element of a list tells elements of an earlier event, or looks as if it did."""
    return isinstance(value, list) and any(_is_reference(key, element) for element in value)


def mapping_in(body: Body | None) -> dict[str, Json] | None:
    """The JSON object that a body is, if it is one."""
    value = body.value if isinstance(body, JsonBody) else None
    return value if isinstance(value, dict) else None


def _is_reference(key: str, element: Json) -> bool:
    return isinstance(element, dict) and element.keys() == {"like", key} and key != "like"


def _expanded(key: str, value: Json, base: dict[str, Json], like: int, path: Path) -> Json:
    """A value of an abridged body, with the elements that stand in event `like`.

    References follow the order of the earlier list and take no element twice: what is told through
    a chain of documents cannot multiply.
    """
    if not isinstance(value, list) or not has_reference(key, value):
        return value
    earlier = base.get(key)
    whole: list[Json] = []
    taken = 0
    for place, element in enumerate(value):
        if not isinstance(element, dict) or not _is_reference(key, element):
            whole.append(element)
            continue
        where = (*path, place)
        if element["like"] != like:
            raise WrongField(where, f"it can only be like event {like}, as the request is")
        first, last = _span(element[key], where)
        if not isinstance(earlier, list) or last > len(earlier):
            held = f"only {len(earlier)} elements" if isinstance(earlier, list) else "no such list"
            raise WrongField(where, f"cannot take {element[key]!r}: event {like} has {held}")
        if first < taken:
            raise WrongField(where, f"cannot take {element[key]!r} after element {taken}")
        whole += earlier[first:last]
        taken = last
    return whole


def _span(told: Json, path: Path) -> tuple[int, int]:
    """The elements that `3`, the first three, or `2-40` is: from a place on, and up to another."""
    if type(told) is int and told > 0:
        return 0, told
    match = _PLACES.fullmatch(told) if isinstance(told, str) else None
    if match is None or int(match[2]) < int(match[1]):
        raise WrongField(path, f"expected a number of elements or places as 2-40, found {told!r}")
    return int(match[1]) - 1, int(match[2])
