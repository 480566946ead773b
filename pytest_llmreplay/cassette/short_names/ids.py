"""Short names for what differs on every recording: ids, and what a server took.

A provider draws ids by lot, and some tell when they answered and how long it took. A document shows
a short name in their place, `call_#2` for an id of event 2, and tells the real value in its
`measured` line; whoever reads the event gets the real value again. So a reviewer sees which result
answers which call, and a new recording of the same answer changes one line.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.event import (
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
)

from .drawn import AT, CREATED, NUMBER, SPAN, Drawn, drawn_in
from .lookalikes import lookalikes

__all__ = [
    "Names",
    "Naming",
    "drawn_as",
    "named_response",
    "names_in",
    "readable_names_in",
    "restored",
    "restored_request",
    "restored_response",
    "restorer",
]

Names: TypeAlias = Mapping[str, Drawn]
"""Short name → what the provider drew."""

_Table: TypeAlias = Mapping[Any, Drawn]

_LINE = re.compile(rb"\nmeasured: [^\n]*?\bids: \{([^{}\n]*)\}")
_NAME = re.compile(r"([\w-]+#[\d.]+): (?:'?([\w.:+-]+)'?)", re.ASCII)
_SECONDS = re.compile(r"\d{1,4300}", re.ASCII)
_FORMS = {CREATED: _SECONDS, SPAN: NUMBER}
"""How what is not text is written, by the stem of its name."""
_MEMBER = re.compile(rb'"(?<!\\")\s*:\s*(?=("[\w#.-]{4,}"|[0-9]{10,})\s*[,}])')
"""What stands between a key and its value; the value, where it can be an id or a time.

Quotes that are words of an answer have a backslash before them."""


class Naming:
    """Names for the events of one cassette, in the order of their numbers."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._said: set[str] = set()

    def foresee(self, event: Event) -> None:
        """Give no name that an event holds as a word of its own."""
        self._said.update(lookalikes(event))

    def shown(self, event: Event) -> tuple[Event, Names]:
        """The event as its document shows it, and the names of what was drawn in its answer."""
        self.foresee(event)
        response, names = _named(event.exchange.response, event.number, self._said)
        request = self.request(event.exchange.request)
        self.know(names)
        return replace(event, exchange=Exchange(request=request, response=response)), names

    def request(self, request: HttpRequest) -> HttpRequest:
        """A request that quotes answers before it, as its document shows it."""
        return _request(request, self._names)

    def know(self, names: Names) -> None:
        """Take over the names of a document that stays as it is."""
        for name, drawn in names.items():
            if isinstance(drawn, str) and not name.startswith(f"{AT}#"):
                self._names.setdefault(drawn, name)


def named_response(
    response: HttpResponse | Failure,
) -> tuple[HttpResponse | Failure, Names]:
    """An answer with names for what was drawn: the same for another one that says the same."""
    return _named(response, 0, ())


def names_in(data: bytes) -> dict[str, Drawn]:
    """All names that some documents tell in their `measured` lines.

    Raises:
        WrongField: What should be a time is none.
        UnicodeDecodeError: The bytes are not UTF-8.
    """
    return {name: drawn_as(name, drawn) for name, drawn in _pairs(data, "strict")}


def readable_names_in(data: bytes) -> dict[str, Drawn]:
    """All names that can be read; whoever reads a damaged document says so."""
    names: dict[str, Drawn] = {}
    for name, drawn in _pairs(data, "replace"):
        with suppress(WrongField):
            names[name] = drawn_as(name, drawn)
    return names


def drawn_as(name: str, text: str) -> Drawn:
    """What a name stands for, as its kind of value.

    Raises:
        WrongField: What should be a time is none.
    """
    stem = name.partition("#")[0]
    form = _FORMS.get(stem)
    if form is None:
        return text
    if form.fullmatch(text) is None:
        wanted = "seconds" if stem == CREATED else "a number"
        raise WrongField(("measured", "ids", name), f"expected {wanted}, found {text!r}")
    return int(text) if text.isdigit() else float(text)


def restored(value: Json, names: Names) -> Json:
    """The value with what the short names in it stand for."""
    return _replaced(value, names) if names else value


def restorer(names: Names) -> Callable[[bytes], bytes]:
    """Puts what the short names stand for into pieces of a stream."""
    return _replacer(names)


def restored_request(request: HttpRequest, names: Names) -> HttpRequest:
    """The request as it was sent."""
    return _request(request, names) if names else request


def restored_response(response: HttpResponse | Failure, names: Names) -> HttpResponse | Failure:
    """The answer as it came."""
    if not names or isinstance(response, Failure):
        return response
    return _response(response, names)


def _pairs(data: bytes, errors: str) -> Iterator[tuple[str, str]]:
    for line in _LINE.finditer(data):
        yield from _NAME.findall(line[1].decode(errors=errors))


def _named(
    response: HttpResponse | Failure, number: int, taken: Container[str]
) -> tuple[HttpResponse | Failure, Names]:
    if isinstance(response, Failure):
        return response, {}
    own: dict[Drawn, str] = {}
    alike: Counter[str] = Counter()
    for stem, drawn in drawn_in(response):
        if drawn not in own:
            own[drawn] = _name(stem, number, alike, taken)
    return _response(response, own), {name: drawn for drawn, name in own.items()}


def _name(stem: str, number: int, alike: Counter[str], taken: Container[str]) -> str:
    """A name that no other of the event has, nor any event as a word; counts those alike."""
    while True:
        alike[stem] += 1
        name = f"{stem}#{number}" if alike[stem] == 1 else f"{stem}#{number}.{alike[stem]}"
        if name not in taken:
            return name


def _request(request: HttpRequest, table: _Table) -> HttpRequest:
    if not table or not isinstance(request.body, JsonBody):
        return request
    return replace(request, body=JsonBody(value=_replaced(request.body.value, table)))


def _response(response: HttpResponse, table: _Table) -> HttpResponse:
    body = response.body
    if not table:
        return response
    if isinstance(body, JsonBody):
        return replace(response, body=JsonBody(value=_replaced(body.value, table)))
    if isinstance(body, StreamBody):
        return replace(response, body=_replaced_in_stream(body, _replacer(table)))
    return response


def _replaced(value: Json, table: _Table) -> Json:
    """The value with whole members replaced."""
    if isinstance(value, dict):
        return {key: _replaced(member, table) for key, member in value.items()}
    if isinstance(value, list):
        return [_replaced(element, table) for element in value]
    # True and 2.0 are equal to numbers that they are not.
    whole = isinstance(value, float) and value.is_integer()
    return value if isinstance(value, bool) or whole else table.get(value, value)


def _replaced_in_stream(body: StreamBody, replaced: Callable[[bytes], bytes]) -> StreamBody:
    """The stream with members of its JSON replaced in the very bytes."""
    chunks = []
    for chunk in body.chunks:
        data = replaced(chunk.data)
        chunks.append(chunk if data is chunk.data else replace(chunk, data=data))
    return StreamBody(chunks=tuple(chunks))


def _replacer(table: _Table) -> Callable[[bytes], bytes]:
    """Replaces members of the JSON in a piece of a stream, however many the table has."""
    spelt = {json.dumps(old).encode(): json.dumps(new).encode() for old, new in table.items()}

    def replaced(data: bytes) -> bytes:
        pieces, done = [], 0
        for member in _MEMBER.finditer(data):
            new = spelt.get(member[1])
            if new is not None:
                begin, end = member.span(1)
                pieces += [data[done:begin], new]
                done = end
        return b"".join([*pieces, data[done:]]) if pieces else data

    return replaced
