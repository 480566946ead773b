"""Cassettes of vcrpy, read by our own loader: theirs made objects of tags in older versions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_llmreplay.cassette.foreign_yaml import foreign_members
from pytest_llmreplay.errors import CassetteDamaged, InputUnreadable
from pytest_llmreplay.event import (
    Body,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
)

from .bodies import answer_body, request_body
from .calls import NO_HTTP, answered, call_of
from .reading import InputFile, json_of, refuse_crowd
from .source import Found, Imported, PassedOver, Place, Rejected

__all__ = ["VCRPY", "recorded_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vcrpy:
    name: str = "vcrpy"
    help: str = "Cassettes of vcrpy, YAML or JSON, also with `parsed_body`."
    personal: bool = False
    endings: tuple[str, ...] = (".yaml", ".yml", ".json")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            yield from recorded_in(file)


VCRPY: Final = _Vcrpy()
_HELD: Final = {"string", "base64_string"}
"""Names under which an object holds a body."""
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
            yield _call(Place(file.path, line), value)
        if none:
            yield PassedOver(place=Place(file.path), reason="a file without interactions")
    except InputUnreadable as problem:
        yield Rejected(place=Place(file.path), reason=str(problem))
    except CassetteDamaged as problem:
        yield Rejected(place=Place(file.path, problem.line), reason=problem.problem)


def _interactions(data: bytes) -> Iterator[tuple[int | str, Any]]:
    if data.lstrip().startswith(b"{"):
        value = json_of(data)
        members = value.get("interactions") if isinstance(value, dict) else None
        for number, member in enumerate(members if isinstance(members, list) else [], start=1):
            yield f"interaction {number}", member
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InputUnreadable(f"is not UTF-8: byte {error.start + 1} is no text") from None
    yield from foreign_members(text, "interactions")


def _call(place: Place, value: Any) -> Found:
    asked = value.get("request") if isinstance(value, dict) else None
    told = value.get("response") if isinstance(value, dict) else None
    if isinstance(value, dict) and not _HTTP & value.keys():
        return PassedOver(place=place, reason=NO_HTTP)
    if not isinstance(asked, dict) or not isinstance(asked.get("uri"), str):
        return Rejected(place=place, reason="an interaction without an HTTP request")
    if not isinstance(told, dict):
        return Rejected(place=place, reason="an interaction without a response")
    try:
        exchange = Exchange(request=_request(asked), response=_response(told))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))
    found = call_of(place, exchange)
    if isinstance(found, Imported) and _lost_its_json(exchange.request):
        reason = "no body of the request: this version of vcrpy kept none that aiohttp sent as json"
        return Rejected(place=place, reason=reason)
    return found


def _lost_its_json(request: HttpRequest) -> bool:
    """Whether aiohttp sent what vcrpy did not keep; others say how long nothing is."""
    sized = "content-length" in request.headers
    return request.method == "POST" and request.body is None and not sized


def _request(asked: dict[str, Any]) -> HttpRequest:
    headers = _headers(asked.get("headers"))
    return HttpRequest(
        method=str(asked.get("method", "POST")).upper(),
        url=asked["uri"],
        headers=headers,
        body=_sent(asked, headers),
    )


def _sent(asked: dict[str, Any], headers: Mapping[str, str]) -> Body | None:
    if "parsed_body" in asked:
        return JsonBody(value=_json(asked["parsed_body"]))
    kept = asked.get("body")
    if isinstance(kept, dict) and not _HELD & kept.keys():
        return JsonBody(value=_json(kept))  # what aiohttp was given as `json`
    return request_body(_bytes(kept), headers)


def _response(told: dict[str, Any]) -> HttpResponse:
    headers = _headers(told.get("headers"))
    return answered(_came(told, headers), status=_status(told), headers=headers)


def _came(told: dict[str, Any], headers: Mapping[str, str]) -> Body | StreamBody | None:
    if "parsed_body" in told:
        return JsonBody(value=_json(told["parsed_body"]))
    kept = told.get("body")
    return answer_body(_bytes(told.get("content") if kept is None else kept), headers)


def _status(told: dict[str, Any]) -> int:
    """`{code, message}`, or the number alone as the httpx stubs of vcrpy wrote it."""
    status = told.get("status", told.get("status_code"))
    code = status.get("code") if isinstance(status, dict) else status
    if type(code) is not int:
        raise InputUnreadable("an answer without a status code")
    return code


def _headers(value: Any) -> dict[str, str]:
    """Lower-case names; a value is a list of texts, or one of them."""
    members = value.items() if isinstance(value, dict) else ()
    return {str(name).lower(): _joined(texts) for name, texts in members}


def _joined(texts: Any) -> str:
    parts = texts if isinstance(texts, list) else [texts]
    return ", ".join(_bytes(part).decode("utf-8", "replace") for part in parts)


def _bytes(body: Any) -> bytes:
    if isinstance(body, dict):
        body = _base64(body["base64_string"]) if "base64_string" in body else body.get("string")
    if body is None:
        return b""
    return body if isinstance(body, bytes) else str(body).encode(errors="surrogatepass")


def _base64(text: Any) -> bytes:
    try:
        return base64.b64decode("".join(str(text).split()), validate=True)
    except (binascii.Error, ValueError):
        raise InputUnreadable("`base64_string` is no base64") from None


def _json(value: Any) -> Json:
    """The value, unless bytes stand in it, which no JSON holds."""
    level = [value]
    while level:
        if any(isinstance(inner, bytes) for inner in level):
            raise InputUnreadable("the body holds bytes, which are no JSON")
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return value  # type: ignore[no-any-return]  # looked through
