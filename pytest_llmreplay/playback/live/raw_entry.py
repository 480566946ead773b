"""A finished call as one line of the partial file.

The line holds what came over the wire, decompressed, with the headers worth keeping. It is cheap
to make, because the application waits for it; what the call means is found out when the test has
passed, or when a later recording plays the line. Where a look at the line cannot rule secrets
out, the call is redacted field by field before it is written.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.header import session_value
from pytest_llmreplay.cassette.json_dump import ascii_json
from pytest_llmreplay.cassette.redaction.cheap_look import hides_ascii
from pytest_llmreplay.cassette.redaction.kept_headers import (
    KEPT_OF_ERRORS,
    PLACES,
    REQUEST_IDS,
    kept_request_names,
    kept_response_headers,
)
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Chunk,
    Failure,
    Json,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.playback.stamps.stamp import NO_STAMP, Stamp, cleaned
from pytest_llmreplay.providers.streams.aws_frames import is_aws_stream

from .content import body_of, decompressed, is_stream, plain_content
from .live_event import request_of, response_of
from .recorder import RETRY_COUNT, LiveCall, Pieces, retry_count

__all__ = ["entry_of"]

_ENCODING = "content-encoding"
_OTHER_HEADERS = (*REQUEST_IDS, _ENCODING)
"""Headers of an answer that are understood when its event is made, and no part of it."""
_ANSWER_HEADERS = (*KEPT_OF_ERRORS, *_OTHER_HEADERS)


def entry_of(
    call: LiveCall, stamp: Stamp, redactor: Redactor, noted: dict[str, str] | None = None
) -> bytes:
    """The line of a call, as it may be written.

    Args:
        call: A finished one.
        stamp: Whose it is.
        redactor: Takes secrets out.
        noted: Takes what only the name of its field makes a secret in the answer, as
            `Redactor.noting` does it.

    Raises:
        SecretFound: It still holds a secret, in a place that nothing may be taken from.
    """
    call = _unpacked(call)
    answer, head = call.answer, _head(call, stamp)
    if not _might_hold_secret(call, head, answer, redactor):
        return _line(head, call.request.content, answer)
    call = _redacted(call, redactor, {} if noted is None else noted)
    redactor.check_line(_line(_head(call, stamp), call.request.content, call.answer))
    head = _head(call, cleaned(stamp, redactor.text))  # secrets are refused there, people are not
    return _line(head, call.request.content, call.answer)


def _might_hold_secret(call: LiveCall, head: str, answer: bytes, redactor: Redactor) -> bool:
    """Whether redaction could change the call; a no is always right, and the usual answer."""
    sent = call.request.content
    if redactor.might_change(b'"'.join([head.encode(), sent, answer])):
        return True
    if redactor.might_change_url(call.request.url) or redactor.might_change_form(sent):
        return True
    if is_aws_stream(call.headers.get("content-type", ""), answer[:64]):
        return True  # a look at frames does not go through their base64
    if call.pieces and is_stream(call.headers, answer):
        return redactor.might_join(answer)
    return redactor.might_change_form(answer)


def _head(call: LiveCall, stamp: Stamp) -> str:
    """All but the bodies, and no brace at the end."""
    request, headers = call.request, call.request.headers
    fields: dict[str, Json] = {
        "number": call.number,
        "sent": call.sent,
        "duration": call.duration,
        "method": request.method,
        "url": request.url,
        "headers": {name: headers[name] for name in _kept_names(tuple(headers))},
    }
    if stamp is not NO_STAMP:
        fields |= _stamped(stamp)
    return ascii_json(fields | _outcome(call))[:-1]


@lru_cache(maxsize=256)  # a program sends few kinds of requests, and each of them often
def _kept_names(names: tuple[str, ...]) -> tuple[str, ...]:
    counted = (RETRY_COUNT,) if RETRY_COUNT in names else ()
    return (*kept_request_names(names), *counted)


def _stamped(stamp: Stamp) -> dict[str, Json]:
    return {
        "name": stamp.name,
        "session": session_value(stamp.session),
        "labels": dict(stamp.labels),
    }


def _outcome(call: LiveCall) -> dict[str, Json]:
    if call.status is None:
        failure = call.failure or Failure(kind="cut")
        return {"error": {"kind": failure.kind, "message": failure.message}}
    headers = call.headers
    return {
        "status": call.status,
        "ended": call.ended,
        "answer_headers": _answer_headers(headers, call.status),
        "pieces": [[at, len(data)] for at, data in call.pieces],
    }


def _answer_headers(headers: Mapping[str, str], status: int) -> dict[str, Json]:
    known: dict[str, Json] = {name: headers[name] for name in _ANSWER_HEADERS if name in headers}
    if any(name in headers for name in PLACES):  # not all of an address may be written
        known.update(kept_response_headers(headers, status))
    return known


def _line(head: str, body: bytes, answer: bytes) -> bytes:
    return f'{head}, "body": {_quoted(body)}, "answer": {_quoted(answer)}}}\n'.encode()


def _quoted(body: bytes) -> str:
    """A body as JSON: a text, or a list of one text in base64."""
    try:
        return quoted(body.decode())
    except UnicodeDecodeError:
        return f'["{base64.b64encode(body).decode()}"]'


def _unpacked(call: LiveCall) -> LiveCall:
    """The call with decompressed bodies; an answer that no library reads keeps its encoding."""
    request, headers = call.request, call.headers
    if _ENCODING in request.headers:
        content = plain_content(request.content, request.headers[_ENCODING])
        call = replace(call, request=_request_with(request, content))
    if _ENCODING in headers:
        chunks, plain, broken = decompressed(call.chunks, headers[_ENCODING])
        if plain:
            headers = {name: headers[name] for name in headers if name != _ENCODING}
            ended = "cut" if broken else call.ended
            call = replace(call, headers=headers, pieces=_pieces(chunks), ended=ended)
    return call


def _request_with(request: RawRequest, content: bytes) -> RawRequest:
    return RawRequest(
        method=request.method,
        url=request.url,
        headers={name: value for name, value in request.headers.items() if name != _ENCODING},
        content=content,
        library=request.library,
    )


def _pieces(chunks: Iterable[Chunk]) -> Pieces:
    return tuple((chunk.at, chunk.data) for chunk in chunks)


def _redacted(call: LiveCall, redactor: Redactor, noted: dict[str, str]) -> LiveCall:
    request, _ = request_of(call.request, redactor)
    raw = RawRequest(
        method=request.method,
        url=request.url,
        headers={**request.headers, RETRY_COUNT: str(retry_count(call.request))},
        content=_bytes_of(request.body, call.request.content),
        library=call.request.library,
    )
    response = response_of(call, redactor.noting(noted))
    if isinstance(response, Failure):
        return replace(call, request=raw, failure=response)
    others = {name: call.headers[name] for name in _OTHER_HEADERS if name in call.headers}
    return replace(
        call,
        request=raw,
        headers={**others, **response.headers},
        pieces=_redacted_pieces(response.body, call),
    )


def _redacted_pieces(body: Body | StreamBody | None, call: LiveCall) -> Pieces:
    if not isinstance(body, StreamBody):
        clean = _bytes_of(body, call.answer)
        return call.pieces if clean == call.answer else ((call.pieces[-1][0], clean),)
    if body.data == call.answer:
        return call.pieces
    first, *rest = body.chunks
    begin = (call.pieces[0][0], first.data[:-1])  # an event is told when its last byte has come
    return (begin, (first.at, first.data[-1:]), *_pieces(rest))


def _bytes_of(body: Body | None, before: bytes) -> bytes:
    r"""A redacted body; byte for byte as before where nothing was taken from it.

    But letters are spelt as letters, or the last look at the line takes `\u002dsk-` for the
    beginning of a key.
    """
    if body is None or (body == body_of(before) and not hides_ascii(before)):
        return before
    if isinstance(body, BinaryBody):
        return body.data
    text = json.dumps(body.value) if isinstance(body, JsonBody) else body.text
    return text.encode()
