"""Traces of httprr, the recorder of many a project in Go: HTTP as it goes over the wire.

https://pkg.go.dev/golang.org/x/oscar/internal/httprr
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse
from pytest_llmreplay.importers.reading.bodies import answer_body, request_body
from pytest_llmreplay.importers.reading.bounded_json import refuse_crowd
from pytest_llmreplay.importers.reading.files import InputFile

from .calls import answered, call_of
from .source import Found, Place, Rejected

__all__ = ["HTTPRR"]

_MAGIC: Final = re.compile(rb"httprr trace v1\r?\n")
_SIZES: Final = re.compile(rb"([0-9]{1,18}) ([0-9]{1,18})\r?\n")
"""Of a request and its answer, which follow."""
_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_ASKED: Final = re.compile(r"([A-Z]+) (\S+) HTTP/[0-9.]+")
_TOLD: Final = re.compile(r"HTTP/[0-9.]+ ([0-9]{3})\b")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[^\r\n]*\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Httprr:
    name: str = "httprr"
    help: str = "Traces of httprr, as LangChainGo and Google's tools in Go record them."
    personal: bool = False
    endings: tuple[str, ...] = (".httprr",)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            try:
                for number, pair in enumerate(_pairs(file.whole()), start=1):
                    yield _call(Place(file.path, f"call {number}"), pair, file.hosts)
            except InputUnreadable as problem:
                yield Rejected(place=Place(file.path), reason=str(problem))


HTTPRR: Final = _Httprr()


def _pairs(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Requests with their answers, one by one, so that those before a torn end are read.

    Raises:
        InputUnreadable: Once the file does not go on as it should.
    """
    refuse_crowd(data)
    begun = _MAGIC.match(data)
    if begun is None:
        raise InputUnreadable("is no trace of httprr: it does not begin with `httprr trace v1`")
    at = begun.end()
    while at < len(data):
        sizes = _SIZES.match(data, at)
        asked, told = map(int, sizes.groups()) if sizes else (0, 0)
        if sizes is None or sizes.end() + asked + told > len(data):
            raise InputUnreadable(f"is torn, or was edited: byte {at + 1} begins no whole call")
        at = sizes.end()
        yield data[at : at + asked], data[at + asked : at + asked + told]
        at += asked + told


def _call(place: Place, pair: tuple[bytes, bytes], hosts: frozenset[str]) -> Found:
    try:
        exchange = Exchange(request=_request(pair[0]), response=_response(pair[1]))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))
    return call_of(place, exchange, hosts=hosts)


def _request(data: bytes) -> HttpRequest:
    first, headers, body = _message(data)
    asked = _ASKED.match(first)
    if asked is None:
        raise InputUnreadable("no HTTP request")
    method, url = asked.groups()
    if url.startswith("/"):
        url = f"https://{headers.get('host', 'unknown.invalid')}{url}"
    return HttpRequest(method=method, url=url, headers=headers, body=request_body(body, headers))


def _response(data: bytes) -> HttpResponse:
    first, headers, body = _message(data)
    status = _TOLD.match(first)
    if status is None:
        raise InputUnreadable("no HTTP answer")
    return answered(answer_body(body, headers), status=int(status[1]), headers=headers)


def _message(data: bytes) -> tuple[str, dict[str, str], bytes]:
    """The first line, the headers by their lower-case names, and the body in one piece."""
    gap = _HEAD.search(data)
    head, body = (data[: gap.start()], data[gap.end() :]) if gap else (data, b"")
    first, *lines = head.decode("latin-1").splitlines() or [""]
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if headers.pop("transfer-encoding", "").lower() == "chunked":
        body = b"".join(_chunks(body))
    return first, headers, body


def _chunks(body: bytes) -> Iterator[bytes]:
    """The pieces of a body, each behind its size: RFC 9112, section 7.1."""
    at = 0
    while size := _CHUNK.match(body, at):
        end = size.end() + int(size[1], 16)
        yield body[size.end() : end]
        at = end + (2 if body.startswith(b"\r\n", end) else 1)
