"""Takes out of a call what a run file must not hold, by the rules by which cassettes are clean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    Chunk,
    HttpResponse,
    JsonBody,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.replay.calls.call import Call
from pytest_llmreplay.replay.calls.decode import KEPT_HEADERS, exchange_of
from pytest_llmreplay.replay.calls.outgoing import EVENT_HEADER, Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

__all__ = ["clean", "might_hold_secret", "needed"]


def needed(outcome: Reply | CallFailed) -> Reply | CallFailed:
    """What came of a call, without the headers that nothing is derived from."""
    if isinstance(outcome, CallFailed):
        return outcome
    headers = {name: text for name, text in outcome.headers.items() if name in KEPT_HEADERS}
    return replace(outcome, outgoing=_needed(outcome.outgoing), headers=headers)


def _needed(sent: Outgoing) -> Outgoing:
    if EVENT_HEADER not in sent.headers:
        return sent
    headers = {name: text for name, text in sent.headers.items() if name != EVENT_HEADER}
    return replace(sent, headers=headers)


def might_hold_secret(call: Call, outcome: Reply | CallFailed, redactor: Redactor) -> bool:
    """Whether the line of a call could hold a secret; cheap, and a no is always right.

    It is made of these texts alone, and escapes show no secret that they do not.
    """
    names = [call.identity.cassette, call.identity.label, call.target]
    if isinstance(outcome, CallFailed):
        return redactor.might_change(_joined([*names, outcome.problem, outcome.host]))
    sent = outcome.outgoing
    names += [sent.path, sent.model or "", *sent.headers.values(), *outcome.headers.values()]
    if redactor.might_change(b"\n".join([_joined(names), sent.content, outcome.body])):
        return True
    return redactor.might_change_url(sent.endpoint.base_url) or _joins(outcome, redactor)


def _joins(reply: Reply, redactor: Redactor) -> bool:
    return reply.outgoing.stream and redactor.might_join(reply.body)


def _joined(texts: Sequence[str]) -> bytes:
    return "\n".join(texts).encode(errors="surrogatepass")


def clean(outcome: Reply | CallFailed, redactor: Redactor) -> Reply | CallFailed:
    """What came of a call, without secrets."""
    if isinstance(outcome, CallFailed):
        return _failure(outcome, redactor)
    kept = replace(outcome, outgoing=_outgoing(outcome.outgoing, redactor))
    # What is cleaned is written anew; what is clean stays as it came.
    written = _joined([*outcome.headers.values()]) + b"\n" + outcome.body
    dirty = redactor.might_change(written) or _joins(outcome, redactor)
    return _redacted(kept, redactor) if dirty else kept


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
    url = sent.endpoint.base_url
    body = redactor.json(dict(sent.body))
    assert isinstance(body, dict)  # redaction keeps the shape of what it cleans
    return replace(
        sent,
        endpoint=replace(
            sent.endpoint, base_url=redactor.url(url) if redactor.might_change_url(url) else url
        ),
        headers={name: redactor.text(text) for name, text in sent.headers.items()},
        body=body,
        content=json_bytes(body),
    )


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
