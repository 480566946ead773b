"""Cassettes of vcrpy, of VCR (Ruby and R) and of go-vcr, which share a form.

They are read by our own loader: vcrpy's made objects of tags in older versions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from pytest_llmreplay.cassette.yaml_text.foreign_yaml import foreign_members
from pytest_llmreplay.errors import CassetteDamaged, InputUnreadable
from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.importers.reading.bounded_json import json_of, refuse_crowd
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.providers.fields import as_object

from .calls import NO_HTTP, call_of
from .interaction import exchange_of, measured_in
from .neutral.names import owner_of
from .shown import address_shown, api_shown
from .source import Found, Imported, PassedOver, Place, Rejected

__all__ = ["VCRPY", "recorded_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vcrpy:
    name: str = "vcrpy"
    help: str = "Cassettes of vcrpy, VCR (Ruby, R) and go-vcr, YAML or JSON."
    personal: bool = False
    endings: tuple[str, ...] = (".yaml", ".yml", ".json")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            yield from recorded_in(file)


VCRPY: Final = _Vcrpy()
_LISTS: Final = ("interactions", "http_interactions")
"""Where the interactions stand; the second is VCR's."""
_REQUESTS: Final = "requests"
_RESPONSES: Final = "responses"
"""Where LangChain's serializer of vcrpy puts the halves of the interactions."""
_HTTP: Final = {"request", "response"}
"""An interaction has both; those of other recorders that write beside vcrpy have neither."""
_OURS: Final = b"cassette: "


def recorded_in(file: InputFile) -> Iterator[Found]:
    """Every interaction of one cassette."""
    try:
        data = file.whole()
        refuse_crowd(data)
        if data.startswith(_OURS):
            yield PassedOver(place=Place(file.path), reason="a cassette of pytest-llmreplay")
            return
        none = True
        for line, value in _interactions(data):
            none = False
            yield _call(Place(file.path, line), value, file.hosts)
        if none:
            yield PassedOver(place=Place(file.path), reason="a file without interactions")
    except InputUnreadable as problem:
        yield Rejected(place=Place(file.path), reason=str(problem))
    except CassetteDamaged as problem:
        yield Rejected(place=Place(file.path, problem.line), reason=problem.problem)


def _interactions(data: bytes) -> Iterator[tuple[int | str | None, Any]]:
    if data.lstrip().startswith(b"{"):
        yield from _in_json(json_of(data))
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InputUnreadable(f"is not UTF-8: byte {error.start + 1} is no text") from None
    asked: deque[tuple[int, Any]] = deque()
    for key, line, value in foreign_members(text, (*_LISTS, _REQUESTS, _RESPONSES)):
        if key == _REQUESTS:
            asked.append((line, value))
        elif key == _RESPONSES:
            place, request = asked.popleft() if asked else (line, None)
            yield place, {"request": request, "response": value}
        else:
            yield line, value
    yield from ((line, {"request": request}) for line, request in asked if _is_request(request))


def _is_request(value: Any) -> bool:
    return isinstance(value, dict) and "uri" in value


def _in_json(value: Json) -> Iterator[tuple[int | str | None, Any]]:
    """The interactions of a list, or the one that a file of its own holds."""
    recorded = as_object(value)
    if recorded.keys() >= _HTTP:
        yield None, recorded
    held = [one for name in _LISTS if isinstance(one := recorded.get(name), list)]
    for number, member in enumerate(chain.from_iterable(held), start=1):
        yield f"interaction {number}", member


def _call(place: Place, value: Any, hosts: frozenset[str]) -> Found:
    if isinstance(value, dict) and not _HTTP & value.keys():
        return PassedOver(place=place, reason=NO_HTTP)
    recorded = as_object(value)
    try:
        exchange = _addressed(exchange_of(recorded))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))
    found = call_of(place, exchange, measured=measured_in(recorded), hosts=hosts)
    if isinstance(found, Imported) and _lost_its_json(
        as_object(recorded.get("request")), exchange.request
    ):
        reason = "no body of the request: this version of vcrpy kept none that aiohttp sent as json"
        return Rejected(place=place, reason=reason)
    return found


def _addressed(exchange: Exchange) -> Exchange:
    """The exchange; where LangChain blotted its address out, with the one that its answer shows.

    Raises:
        InputUnreadable: It shows none.
    """
    request, response = exchange.request, exchange.response
    asked = request.body.value if isinstance(request.body, JsonBody) else None
    model = as_object(asked).get("model")
    if "://" in request.url or not isinstance(model, str) or not isinstance(response, HttpResponse):
        return exchange
    api, owner = api_shown(response), owner_of(None, model)
    provider = owner.name if owner.row and api in owner.row.base_urls else None
    url = address_shown(request.body, response, provider=provider, api=api, model=model)
    return replace(exchange, request=replace(request, url=url))


def _lost_its_json(asked: Mapping[str, Any], request: HttpRequest) -> bool:
    """Whether aiohttp sent what vcrpy did not keep; others say how long nothing is."""
    sized = "content-length" in request.headers or "content_length" in asked
    held = request.body is not None or isinstance(asked.get("body"), dict)
    return request.method == "POST" and not held and not sized
