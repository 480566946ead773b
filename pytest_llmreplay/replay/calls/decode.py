"""From the bytes of a reply to an event that can be compared; in the thread that asks for it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from pytest_llmreplay.cassette.redaction.kept_headers import REQUEST_IDS, request_id_of
from pytest_llmreplay.compare.figures.own_price import priced
from pytest_llmreplay.event import (
    FIRST_ERROR,
    Body,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Measured,
    Response,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.event.strict_json import STRICT_JSON
from pytest_llmreplay.providers.bedrock_counts import COUNT_HEADERS
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.providers.streams.aws_frames import is_aws_stream
from pytest_llmreplay.providers.streams.pieces import splitter_for, whole_pieces
from pytest_llmreplay.providers.tools.custom_tools import AS_FUNCTION, called_back, custom_names

from .result import CallFailed, FailureKind, Reply
from .retry import THROTTLED
from .trust import without_key

__all__ = ["KEPT_HEADERS", "exchange_of", "replayed_event"]

KEPT_HEADERS = frozenset({"content-type", *REQUEST_IDS, *COUNT_HEADERS})
_NOT_THERE = frozenset({404, 405})
"""What a server says of a path that it does not have, as one below another base URL."""

TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


def replayed_event(event: Event, reply: Reply, *, target: str, errors: bool = False) -> Event:
    """The event that a reply makes of a recorded one.

    Args:
        event: The recording; number, name, session and labels are taken over.
        reply: What the target answered.
        target: Name of the target, for messages.
        errors: Whether a provider's refusal is an answer too, as where recorded errors are sent.

    Raises:
        CallFailed: The provider refused, or what it answered is no whole answer of its format.
    """
    return _Decoding(event, reply, target).event(errors=errors)


class _Decoding:
    """One reply on its way to an event."""

    def __init__(self, event: Event, reply: Reply, target: str) -> None:
        self._event = event
        self._reply = reply
        self._target = target
        self._sent = reply.outgoing

    def event(self, *, errors: bool) -> Event:
        body = _body_of(self._reply)
        exchange = _exchange(self._reply, body)
        # Decoding a long stream takes longer than all else here; it is done once.
        decoder = decoder_of(self._sent.api)
        answer = decoder.response(exchange)
        if self._reply.status >= FIRST_ERROR and not (errors and not isinstance(body, TextBody)):
            kind: FailureKind = "throttled" if self._reply.status in THROTTLED else "status"
            raise self._failed(kind, self._refusal(answer, body))
        if self._reply.status < FIRST_ERROR:
            self._refuse_half_answers(answer, body)
        if AS_FUNCTION in self._sent.losses:
            answer = called_back(answer, custom_names(self._event.request))
        answer = priced(answer, self._sent.price)
        event = replace(
            self._event,
            provider=self._sent.endpoint.provider,
            model=self._sent.model,
            api=self._sent.api,
            decoder=decoder,
            exchange=exchange,
            measured=self._measured(answer),
        )
        return event.decoded_as(answer)

    def _measured(self, answer: Response) -> Measured:
        reply = self._reply
        headers = reply.headers
        return Measured(
            at=reply.at,
            model=answer.model,
            request_id=request_id_of(headers),
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            duration=reply.duration,
            time_to_first_chunk=reply.time_to_first_chunk,
            attempts=reply.attempts,
        )

    def _refuse_half_answers(self, answer: Response, body: Body | StreamBody | None) -> None:
        if body is None:
            raise self._failed("answer", f"answered {self._reply.status} with an empty body")
        if isinstance(body, TextBody) and answer.error is not None:
            raise self._failed("answer", _no_json(self._sent.endpoint.hide_key(body.text)))
        if isinstance(body, JsonBody) and not isinstance(body.value, dict):
            shown = self._sent.endpoint.hide_key(repr(body.value))
            raise self._failed("answer", f"answered JSON that is no object: {shown:.80}")
        if answer.error is not None:
            raise self._failed("status", self._refusal(answer, body))
        if isinstance(body, StreamBody) and answer.truncated:
            count = len(body.chunks)
            raise self._failed("cut", f"the stream stopped before its end, after {count} events")

    def _refusal(self, answer: Response, body: Body | StreamBody | None) -> str:
        error = answer.error
        if isinstance(body, TextBody):
            message = _title(body.text) or body.text
        else:
            message = error.message if error is not None else ""
        message = self._sent.endpoint.hide_key(message)
        words, status = " ".join(message.split())[:500], self._reply.status
        head = _head(status, streamed=isinstance(body, StreamBody))
        refusal = f"{head}: {words}" if words else head
        if self._sent.endpoint.lacks_key(status):
            return f"{refusal} ({without_key(self._sent.endpoint.host)})"
        if status in _NOT_THERE:
            return f"{refusal} (POST …{self._sent.path.partition('?')[0]})"
        return refusal

    def _failed(self, kind: FailureKind, problem: str) -> CallFailed:
        return CallFailed(
            problem,
            kind=kind,
            target=self._target,
            host=self._sent.endpoint.host,
            status=self._reply.status,
            attempts=self._reply.attempts,
        )


def exchange_of(reply: Reply) -> Exchange:
    """What was sent and what came of it."""
    return _exchange(reply, _body_of(reply))


def _exchange(reply: Reply, body: Body | StreamBody | None) -> Exchange:
    sent = reply.outgoing
    request = HttpRequest(
        method="POST",
        url=sent.url,
        headers={"content-type": "application/json", **sent.headers},
        body=JsonBody(value=dict(sent.body)),
    )
    headers = {name: text for name, text in reply.headers.items() if name in KEPT_HEADERS}
    response = HttpResponse(status=reply.status, headers=headers, body=body)
    return Exchange(request=request, response=response)


def _body_of(reply: Reply) -> Body | StreamBody | None:
    data = reply.body
    kind = reply.headers.get("content-type", "")
    looked_at = data if reply.outgoing.stream or is_aws_stream(kind, data) else b""
    splitter = splitter_for(kind, looked_at)
    if splitter is not None:
        return StreamBody(chunks=whole_pieces(reply.chunks, splitter))
    text = data.decode(errors="replace")
    try:
        return JsonBody(value=STRICT_JSON.decode(text))
    except (ValueError, RecursionError):
        return TextBody(text=text) if text.strip() else None


def _head(status: int, *, streamed: bool) -> str:
    """What is said before the words of an error."""
    if status >= FIRST_ERROR:
        return f"HTTP {status}"
    return "an error amid the stream" if streamed else f"answered {status} with an error"


def _no_json(text: str) -> str:
    title = _title(text)
    if title is not None:
        return f"answered an HTML page, not JSON: {title!r}"
    if text.lstrip()[:1] == "<":
        return f"answered markup, not JSON: {text.strip()[:80]!r}"
    try:
        STRICT_JSON.decode(text)
    except json.JSONDecodeError as error:
        near = text[max(0, error.pos - 20) : error.pos + 20]
        return f"answered broken JSON: {error.msg} at character {error.pos + 1}, near {near!r}"
    except (ValueError, RecursionError) as error:
        return f"answered broken JSON: {str(error)[:80]}"
    return "answered something that is no JSON"


def _title(text: str) -> str | None:
    found = TITLE.search(text[:10_000]) if text.lstrip()[:1] == "<" else None
    return " ".join(found[1].split()) if found else None
