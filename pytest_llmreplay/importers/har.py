"""HTTP archives, as browsers, proxies and Polly.JS save them.

The fields: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import (
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    Measured,
    StreamBody,
)
from pytest_llmreplay.importers.reading.bodies import answer_body, request_body
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.reading.json_pieces import JsonPieces
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_of
from pytest_llmreplay.providers.fields import Fields, as_list

from .calls import answered, call_of
from .source import Found, PassedOver, Place, Rejected

__all__ = ["HAR"]

_ENTRIES: Final = re.compile(rb'"entries"\s*:\s*\[')
_STREAM: Final = "text/event-stream"
_UNTIL_FIRST_BYTE: Final = ("blocked", "dns", "connect", "send", "wait")
"""`ssl` is part of `connect`; -1 stands for what did not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Har:
    name: str = "har"
    help: str = "HTTP archives (HAR 1.2) of browsers, proxies and Polly.JS."
    personal: bool = False
    endings: tuple[str, ...] = (".har",)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            try:
                for number, entry in enumerate(_entries(file.whole()), start=1):
                    yield _found(Place(file.path, f"entry {number}"), entry, file.hosts)
            except InputUnreadable as problem:
                yield Rejected(place=Place(file.path), reason=str(problem))


HAR: Final = _Har()


def _entries(data: bytes) -> Iterator[bytes]:
    """The entries one by one, so that a bad one is told and those before a torn end are read.

    Raises:
        InputUnreadable: It is no archive, or an entry does not end.
    """
    found = _ENTRIES.search(data)
    if found is None:
        raise InputUnreadable("is no HTTP archive: it has no `entries`")
    pieces = JsonPieces([data[found.end() :]], data.count(b"\n", 0, found.end()) + 1)
    while not pieces.take(b"]"):
        if not pieces.take(b","):
            yield pieces.value().data


def _found(place: Place, entry: bytes, hosts: frozenset[str]) -> Found:
    try:
        return _call(place, json_of(entry), hosts)
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))


def _call(place: Place, value: Json, hosts: frozenset[str]) -> Found:
    entry = Fields(value)
    try:
        request = _request(entry.object("request"))
        status = Fields(entry.rest.get("response")).integer("status") or 0
        blank = Exchange(request=request, response=HttpResponse(status=status))
        placed = call_of(place, blank, hosts=hosts)
        if isinstance(placed, PassedOver):
            return placed
        response = _response(entry.object("response"))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))
    measured = _measured(entry, stream=isinstance(response.body, StreamBody))
    exchange = Exchange(request=request, response=response)
    return call_of(place, exchange, measured=measured, hosts=hosts)


def _request(entry: dict[str, Json]) -> HttpRequest:
    url, method = entry.get("url"), entry.get("method")
    if not isinstance(url, str) or not isinstance(method, str):
        raise InputUnreadable("no request")
    headers = _headers(entry.get("headers"))
    sent = Fields(entry.get("postData")).text("text") or ""
    return HttpRequest(
        method=method.upper(),
        url=url,
        headers=headers,
        body=request_body(_bytes(sent), headers),
    )


def _response(entry: dict[str, Json]) -> HttpResponse:
    status = entry.get("status")
    if type(status) is not int or status <= 0:
        raise InputUnreadable("no answer came")
    headers = _headers(entry.get("headers"))
    body = answer_body(_content(Fields(entry.get("content"))), headers)
    if body is None:
        raise InputUnreadable("no body of the answer; save the archive with content")
    return answered(body, status=status, headers=headers)


def _content(content: Fields) -> bytes:
    text = content.text("text") or ""
    if content.text("encoding") != "base64":
        kind = content.text("mimeType") or ""
        return _stream(text) if kind.startswith(_STREAM) else _bytes(text)
    try:
        return b"".join(map(_decoded, _pieces(text)))
    except (binascii.Error, ValueError, TypeError, InputUnreadable):
        raise InputUnreadable("the content of the answer is no base64") from None


def _stream(text: str) -> bytes:
    """A stream of events, which is UTF-8; mitmproxy writes it as if it were Latin-1.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    """
    try:
        data = text.encode("latin-1")
        data.decode()
    except UnicodeError:
        return _bytes(text)
    return data


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _pieces(text: str) -> Sequence[Json]:
    """Texts in base64; Polly.JS writes a list of them as JSON, one for each chunk that came."""
    pieces = json_of(_bytes(text)) if text.startswith("[") else text
    return pieces if isinstance(pieces, list) else [pieces]


def _decoded(piece: Json) -> bytes:
    """Raises TypeError for what is no text."""
    if not isinstance(piece, str):
        raise TypeError
    return base64.b64decode("".join(piece.split()), validate=True)


def _headers(value: Json) -> dict[str, str]:
    """Lower-case names; those of HTTP/2 that begin with a colon are none."""
    found: dict[str, str] = {}
    for one in map(Fields, as_list(value)):
        name, text = one.text("name"), one.any_text("value")
        if name and text is not None and not name.startswith(":"):
            found[name.lower()] = text
    return found


def _measured(entry: Fields, *, stream: bool) -> Measured:
    timings = Fields(entry.rest.get("timings"))
    parts = [timings.number(name) or 0 for name in _UNTIL_FIRST_BYTE]
    return Measured(
        at=at_of(moment_of(entry.rest.get("startedDateTime"))),
        duration=seconds_of(entry.number("time")),
        time_to_first_chunk=seconds_of(sum(part for part in parts if part > 0))
        if stream and parts[-1] > 0
        else None,
    )
