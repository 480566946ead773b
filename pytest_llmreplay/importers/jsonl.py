"""The documented general form: one line of JSON for each call, with a request and a response."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import (
    Body,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    Origin,
    Session,
    StreamBody,
)
from pytest_llmreplay.importers.reading.bodies import answer_body, request_body
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.records.moments import at_of, moment_of
from pytest_llmreplay.providers.fields import Fields
from pytest_llmreplay.providers.registry import FORMATS, unknown_format

from .calls import answered, call_of
from .neutral.decoding import from_text
from .shown import address_shown
from .source import Found, Place, Rejected

__all__ = ["JSONL", "found_in"]

_SENT: Final = frozenset({"method", "url", "headers", "body"})
_CAME: Final = frozenset({"status", "headers", "body"})
_SHOWN: Final = 5
"""Keys that a message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jsonl:
    name: str = "jsonl"
    help: str = "JSON Lines of {request, response}, the general form for logs of your own."
    personal: bool = True
    endings: tuple[str, ...] = (".jsonl", ".ndjson")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            for found in records(file):
                yield found if isinstance(found, Rejected) else found_in(*found)


JSONL: Final = _Jsonl()


def found_in(place: Place, value: dict[str, Json]) -> Found:
    """The call that one line of the general form tells.

    Args:
        place: Where it stands.
        value: The line.
    """
    try:
        return _imported(place, Fields(value))
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))


def _imported(place: Place, line: Fields) -> Found:
    asked, answer = from_text(line.rest.get("request")), line.rest.get("response")
    if not isinstance(asked, dict) or not asked:
        raise InputUnreadable(f"no request: the line has {_shown_keys(line)}")
    if answer in (None, "", {}):
        raise InputUnreadable(f"no response: the line has {_shown_keys(line)}")
    response = _response(answer)
    provider, api, model = line.text("provider"), _api(line), line.text("model")
    request = _request(asked, response, provider, api, model)
    return call_of(
        place,
        Exchange(request=request, response=response),
        origin=_origin(line),
        provider=provider,
        api=api,
        model=model,
        id=line.text("id"),
        session=_session(line.rest.get("session")),
        prompt=line.text("prompt"),
        labels={key: _words(value) for key, value in line.object("labels").items()},
        measured=_measured(line),
    )


def _shown_keys(line: Fields) -> str:
    return ", ".join(list(line.rest)[:_SHOWN]) or "no keys"


def _api(line: Fields) -> str | None:
    api = line.text("api")
    if api is not None and (problem := unknown_format(api, FORMATS)) is not None:
        raise InputUnreadable(problem)
    return api


def _request(
    asked: dict[str, Json],
    response: HttpResponse,
    provider: str | None,
    api: str | None,
    model: str | None,
) -> HttpRequest:
    whole = asked.keys() <= _SENT and ("body" in asked or "url" in asked)
    headers = _headers(asked.get("headers")) if whole else {}
    body = _sent_body(asked.get("body") if whole else asked, headers)
    url = asked.get("url") if whole else None
    if not isinstance(url, str):
        url = address_shown(body, response, provider=provider, api=api, model=model)
    method = asked.get("method") if whole else None
    return HttpRequest(
        method=method.upper() if isinstance(method, str) else "POST",
        url=url,
        headers=headers,
        body=body,
    )


def _response(answer: Json) -> HttpResponse:
    whole = isinstance(answer, dict) and answer.keys() <= _CAME and "body" in answer
    fields = answer if whole and isinstance(answer, dict) else {}
    headers = _headers(fields.get("headers"))
    status = _status(fields.get("status"))
    body = _came_body(fields["body"] if whole else answer, headers)
    if body is None:
        raise InputUnreadable("no body in the response")
    return answered(body, status=status, headers=headers)


def _status(answer: Json) -> int:
    """Of HTTP; a table has it as a text."""
    if isinstance(answer, str) and answer.isdecimal():
        return int(answer)
    return answer if type(answer) is int else 200


def _sent_body(value: Json, headers: dict[str, str]) -> Body | None:
    if isinstance(value, str):
        return request_body(value.encode(errors="surrogatepass"), headers)
    return None if value is None else JsonBody(value=value)


def _came_body(value: Json, headers: dict[str, str]) -> Body | StreamBody | None:
    if isinstance(value, str):
        return answer_body(value.encode(errors="surrogatepass"), headers)
    return None if value is None else JsonBody(value=value)


def _headers(value: Json) -> dict[str, str]:
    members = value.items() if isinstance(value, dict) else ()
    return {name.lower(): text for name, text in members if isinstance(text, str)}


def _session(value: Json) -> Session | None:
    if isinstance(value, str) and value:
        return Session(id=value)
    fields = Fields(value)
    found = Session(id=fields.text("id"), name=fields.text("name"), path=fields.text("path"))
    return None if found == Session() else found


def _origin(line: Fields) -> Origin:
    origin = line.rest.get("origin", "wire")
    if origin not in ("wire", "reconstructed"):
        raise InputUnreadable(f"origin {origin!r} is neither 'wire' nor 'reconstructed'")
    return "wire" if origin == "wire" else "reconstructed"


def _measured(line: Fields) -> Measured:
    return Measured(
        at=at_of(moment_of(line.rest.get("at"))),
        duration=_seconds(line.number("duration")),
        time_to_first_chunk=_seconds(line.number("time_to_first_chunk")),
    )


def _seconds(seconds: float | None) -> float | None:
    """None where the clock was set back meanwhile."""
    return None if seconds is None or seconds < 0 else seconds


def _words(value: Json) -> str:
    return value if isinstance(value, str) else str(value)
