"""One recorded interaction, in the spellings of vcrpy, VCR (Ruby and R) and go-vcr."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import (
    Body,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    StreamBody,
)
from pytest_llmreplay.importers.reading.bodies import answer_body, request_body
from pytest_llmreplay.importers.records.moments import at_of, moment_of

from .calls import answered

__all__ = ["exchange_of", "measured_in"]

_HELD: Final = {"string", "base64_string"}
"""Names under which an object holds a body."""
_ENCODED: Final = "base64:"
"""How Datadog's test agent begins a body that is no text."""
_PLACEHOLDER: Final = re.compile(r"<(\w*[a-zA-Z0-9]\w*)>(?=/|$)", re.ASCII)
_SECONDS: Final = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_GO_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|us|µs|ns)", re.ASCII)


def exchange_of(value: Mapping[str, Any]) -> Exchange:
    """Request and response of an interaction.

    Raises:
        InputUnreadable: It lacks one of them, or a body is none.
    """
    asked, answer = value.get("request"), value.get("response")
    url = asked.get("uri", asked.get("url")) if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or not isinstance(url, str):
        raise InputUnreadable("an interaction without an HTTP request")
    if not isinstance(answer, dict):
        raise InputUnreadable("an interaction without a response")
    return Exchange(request=_request(asked, _whole(url)), response=_response(answer))


def measured_in(value: Mapping[str, Any]) -> Measured:
    """The moment that VCR keeps, the seconds that go-vcr keeps; vcrpy keeps neither."""
    return Measured(
        at=_recorded_at(value.get("recorded_at")),
        duration=_go_seconds(value["response"].get("duration")),
    )


def _recorded_at(value: Any) -> str | None:
    """ISO 8601 by R, the date of a header by Ruby."""
    if not isinstance(value, str):
        return None
    try:
        return at_of(parsedate_to_datetime(value))
    except ValueError:
        return at_of(moment_of(value))


def _go_seconds(value: Any) -> float | None:
    """Seconds of a duration as Go writes it, as `1m2.5s`; nothing takes none (`0s`).

    The form: https://pkg.go.dev/time#Duration.String
    """
    if not isinstance(value, str) or _GO_PART.sub("", value):
        return None
    seconds = sum(float(count) * _SECONDS[unit] for count, unit in _GO_PART.findall(value))
    return round(seconds, 6) or None


def _whole(url: str) -> str:
    """The address; one under a placeholder, as VCR's filters leave it, gets a name nobody can own.

    The ending: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
    """
    found = _PLACEHOLDER.match(url)
    if found is None:
        return url
    name = "-".join(re.findall("[a-z0-9]+", found[1].lower()))
    return f"https://{name}.invalid{url[found.end() :]}"


def _request(asked: dict[str, Any], url: str) -> HttpRequest:
    headers = _headers(asked.get("headers"))
    return HttpRequest(
        method=str(asked.get("method", "POST")).upper(),
        url=url,
        headers=headers,
        body=_sent(asked, headers),
    )


def _sent(asked: dict[str, Any], headers: Mapping[str, str]) -> Body | None:
    if "parsed_body" in asked:
        return JsonBody(value=_json(asked["parsed_body"]))
    kept = asked.get("body")
    if isinstance(kept, dict) and not _HELD & kept.keys():
        return JsonBody(value=_json(kept))  # what aiohttp was given as `json`
    return request_body(_content(kept), headers)


def _response(answer: dict[str, Any]) -> HttpResponse:
    headers = _headers(answer.get("headers"))
    return answered(_body_of(answer, headers), status=_status(answer), headers=headers)


def _body_of(answer: dict[str, Any], headers: Mapping[str, str]) -> Body | StreamBody | None:
    if "parsed_body" in answer:
        return JsonBody(value=_json(answer["parsed_body"]))
    kept = answer.get("body")
    return answer_body(_content(answer.get("content") if kept is None else kept), headers)


def _status(answer: dict[str, Any]) -> int:
    """`{code, message}`, or the number alone as R, Go and the httpx stubs of vcrpy write it."""
    code = answer.get("code", answer.get("status_code", answer.get("status")))
    code = code.get("code") if isinstance(code, dict) else code
    if type(code) is not int:
        raise InputUnreadable("an answer without a status code")
    return code


def _headers(value: Any) -> dict[str, str]:
    """Lower-case names; a value is a list of texts, or one of them.

    A content type that somebody blotted out, as LangChain does with all headers, is none.
    """
    members = value.items() if isinstance(value, dict) else ()
    headers = {str(name).lower(): _joined(texts) for name, texts in members}
    if "/" not in headers.get("content-type", "/"):
        del headers["content-type"]
    return headers


def _joined(texts: Any) -> str:
    parts = texts if isinstance(texts, list) else [texts]
    return ", ".join(_bytes(part).decode("utf-8", "replace") for part in parts)


def _content(body: Any) -> bytes:
    if isinstance(body, str) and body.startswith(_ENCODED):
        return _base64(body.removeprefix(_ENCODED))
    return _bytes(body)


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
        raise InputUnreadable("a body is no base64") from None


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
