"""From a finished live call to the event that is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.redaction.kept_headers import request_id_of
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import (
    Body,
    Ended,
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Measured,
    StreamBody,
)
from pytest_llmreplay.playback.stamps.body_metadata import stamp_in
from pytest_llmreplay.playback.stamps.stamp import Stamp, cleaned, joined
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.registry import decoder_of, format_of, identify

from .content import body_of, decompressed, plain_content, stream_of
from .recorder import LiveCall

__all__ = ["event_of", "request_of", "response_of"]


def event_of(call: LiveCall, stamp: Stamp, redactor: Redactor) -> Event:
    """The event of a call: decompressed, redacted, measured."""
    request, body = request_of(call.request, redactor)
    identity = identify(call.request.method, call.request.url, call.request.headers, body)
    of_body = stamp_in(request.body.value if isinstance(request.body, JsonBody) else None)
    stamp = joined(cleaned(stamp, redactor.text), of_body)
    exchange = Exchange(
        request=request,
        response=response_of(call, redactor, format_of(identity.api)),
    )
    event = Event(
        number=call.number,
        provider=identity.provider,
        model=identity.model,
        api=identity.api,
        exchange=exchange,
        decoder=decoder_of(identity.api),
        name=stamp.name,
        session=stamp.session,
        labels=stamp.labels,
    )
    return replace(event, measured=_measured(call, event))


def request_of(raw: RawRequest, redactor: Redactor) -> tuple[HttpRequest, Json]:
    """The request as it may be written, and its body before redaction where it is JSON."""
    body = body_of(plain_content(raw.content, raw.headers.get("content-encoding", "")))
    request = HttpRequest(method=raw.method.upper(), url=raw.url, headers=raw.headers, body=body)
    return redactor.request(request), body.value if isinstance(body, JsonBody) else None


def response_of(
    call: LiveCall, redactor: Redactor, known: ApiFormat | None = None
) -> HttpResponse | Failure:
    """The answer as it may be written.

    Args:
        call: The finished call.
        redactor: Takes its secrets out.
        known: The format that says whether an answer that was left early was whole.
    """
    if call.status is None:
        failure = call.failure or Failure(kind="cut")
        return replace(failure, message=redactor.text(failure.message))
    headers = call.headers
    chunks, plain, broken = decompressed(call.chunks, headers.get("content-encoding", ""))
    ended = "cut" if broken else call.ended
    body: Body | StreamBody | None = stream_of(chunks, headers) if plain else None
    if body is None:
        body = body_of(b"".join(chunk.data for chunk in chunks))
    response = HttpResponse(
        status=call.status, headers=headers, body=body, ended=_ended(ended, body, known)
    )
    return redactor.response(response)


def _ended(ended: Ended, body: Body | StreamBody | None, known: ApiFormat | None) -> Ended:
    """A client may close as soon as the protocol's own end has come: that is a whole answer."""
    if ended != "left":
        return ended
    if isinstance(body, StreamBody):
        finished = known is not None and any(known.is_end(chunk.data) for chunk in body.chunks)
    else:
        finished = isinstance(body, JsonBody)
    return "complete" if finished else "left"


def _measured(call: LiveCall, event: Event) -> Measured:
    answer = event.response
    return Measured(
        at=_moment(call.sent),
        model=answer.model,
        request_id=request_id_of(call.headers),
        input_tokens=answer.usage.input_tokens,
        output_tokens=answer.usage.output_tokens,
        duration=call.duration,
        time_to_first_chunk=call.pieces[0][0] if _streamed(event) and call.pieces else None,
    )


def _streamed(event: Event) -> bool:
    response = event.exchange.response
    return isinstance(response, HttpResponse) and isinstance(response.body, StreamBody)


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
