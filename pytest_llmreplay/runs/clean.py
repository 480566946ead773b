"""Takes out of a call what a run file must not hold, by the rules by which cassettes are clean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.redaction import Redactor
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Chunk,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.replay.decode import KEPT_HEADERS, exchange_of
from pytest_llmreplay.replay.outgoing import EVENT_HEADER, Outgoing
from pytest_llmreplay.replay.result import CallFailed, Reply

__all__ = ["clean"]


def clean(outcome: Reply | CallFailed, redactor: Redactor) -> Reply | CallFailed:
    """What came of a call, without secrets and without headers that nothing is derived from."""
    if isinstance(outcome, CallFailed):
        return _failure(outcome, redactor)
    outgoing = _outgoing(outcome.outgoing, redactor)
    headers = {name: text for name, text in outcome.headers.items() if name in KEPT_HEADERS}
    kept = replace(outcome, outgoing=outgoing, headers=headers)
    return _redacted(kept, redactor) if _might_hold_secret(kept, redactor) else kept


def _failure(failure: CallFailed, redactor: Redactor) -> CallFailed:
    return CallFailed(
        redactor.text(failure.problem),
        kind=failure.kind,
        target=failure.target,
        host=failure.host,
        status=failure.status,
        attempts=failure.attempts,
    )


def _outgoing(sent: Outgoing, redactor: Redactor) -> Outgoing:
    headers = {name: text for name, text in sent.headers.items() if name != EVENT_HEADER}
    url = sent.endpoint.base_url
    # The key stays with the endpoint that it was read for.
    endpoint = replace(
        sent.endpoint,
        base_url=redactor.url(url) if redactor.might_change_url(url) else url,
        key=None,
        client=None,
    )
    sent = replace(sent, endpoint=endpoint, headers=_texts(headers, redactor))
    if not redactor.might_change(sent.content):
        return sent
    body = _object(redactor.json(dict(sent.body)))
    return replace(sent, body=body, content=json_bytes(body))


def _object(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)  # redaction keeps the shape of what it cleans
    return value


def _texts(headers: Mapping[str, str], redactor: Redactor) -> dict[str, str]:
    told = "\n".join(headers.values())
    if not redactor.might_hold_secret(told):
        return dict(headers)
    return {name: redactor.text(text) for name, text in headers.items()}


def _might_hold_secret(reply: Reply, redactor: Redactor) -> bool:
    data = "\n".join(reply.headers.values()).encode() + b"\n" + reply.body
    if redactor.might_change(data):
        return True
    return reply.outgoing.stream and redactor.might_join(reply.body)


def _redacted(reply: Reply, redactor: Redactor) -> Reply:
    response = exchange_of(reply).response
    assert isinstance(response, HttpResponse)  # something was answered
    response = redactor.response(response)
    last = reply.chunks[-1].at if reply.chunks else reply.duration
    chunks = _chunks(response.body, last)
    return replace(reply, headers=response.headers, chunks=chunks)


def _chunks(body: Body | StreamBody | None, last: float) -> tuple[Chunk, ...]:
    match body:
        case StreamBody():
            return body.chunks
        case JsonBody():
            return (Chunk(at=last, data=json_bytes(body.value)),)
        case TextBody():
            return (Chunk(at=last, data=body.text.encode(errors="surrogatepass")),)
        case BinaryBody():
            return (Chunk(at=last, data=body.data),)
        case None:
            return ()
