"""The answer of a logged call in the wire format of its provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_llmreplay.event import (
    FIRST_ERROR,
    Chunk,
    Exchange,
    Failure,
    FinishReason,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Response,
    StreamBody,
    ToolCallPart,
    Usage,
)
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.providers.retelling.answer import without_extra
from pytest_llmreplay.providers.streams.pieces import content_type_of
from pytest_llmreplay.providers.streams.sse import split
from pytest_llmreplay.providers.streams.writing import event_bytes

from .call import Answered, LoggedCall, Unimportable
from .names import owner_of

__all__ = ["reply_of"]

_UNSAID = HttpRequest(method="POST", url="")
"""Answers are decoded without a look at their request."""


def reply_of(call: LoggedCall, known: ApiFormat, *, stream: bool) -> HttpResponse | Failure:
    """The answer, written by the format's own encoder.

    Args:
        call: The call.
        known: The format.
        stream: Whether the request asks for pieces.

    Raises:
        Unimportable: What the log has for an answer is none.
    """
    if isinstance(call.answered, Failure):
        return call.answered
    response = _completed(_response_of(call.answered, known), call)
    uncounted = is_unknown(response.usage)
    if response.error is not None or not stream:
        status = max(response.error.status or 0, FIRST_ERROR) if response.error else 200
        body = known.encode_response(response)
        return _plain(status, without_counts(body) if uncounted else body)
    events = known.encode_stream(response)
    chunks = _timed([*(without_counts_in(events) if uncounted else events)], call)
    kind = content_type_of(chunks[0].data)
    return HttpResponse(status=200, headers={"content-type": kind}, body=StreamBody(chunks=chunks))


def _response_of(answered: Answered, known: ApiFormat) -> Response:
    """The neutral answer; what only another format can say is left out."""
    assert not isinstance(answered, Failure)
    if isinstance(answered, Response):
        return answered
    spoken = FORMATS[answered.api]
    exchange = Exchange(request=_UNSAID, response=_plain(200, answered.body))
    response = spoken.response(exchange)
    if response.error is not None and response.error.type == "unexpected_body":
        raise Unimportable(f"the answer is none of {spoken.name}")
    return response if spoken is known else without_extra(response)


def _completed(response: Response, call: LoggedCall) -> Response:
    """The answer with the counts, the model and the ending that stand elsewhere in the log."""
    choices = tuple(
        replace(choice, finish_reason=choice.finish_reason or _ending(choice.message.parts))
        if choice.finish_raw is None
        else choice
        for choice in response.choices
    )
    return replace(
        response,
        model=response.model or call.measured.model or owner_of(call.provider, call.model).model,
        choices=choices,
        usage=call.usage if is_unknown(response.usage) else response.usage,
    )


def _ending(parts: Sequence[object]) -> FinishReason:
    """How an answer ended of which the log does not say it."""
    return "tool_call" if any(isinstance(part, ToolCallPart) for part in parts) else "stop"


def _timed(events: Sequence[bytes], call: LoggedCall) -> tuple[Chunk, ...]:
    """Pieces that begin when the first came, and end with the call."""
    end = call.measured.duration or 0.0
    first = min(call.measured.time_to_first_chunk or 0.0, end)
    step = (end - first) / max(1, len(events) - 1)
    return tuple(
        Chunk(at=round(first + step * place, 3), data=data) for place, data in enumerate(events)
    )


def _plain(status: int, body: Json) -> HttpResponse:
    return HttpResponse(
        status=status, headers={"content-type": "application/json"}, body=JsonBody(value=body)
    )


def is_unknown(usage: Usage) -> bool:
    """Whether usage has no count of tokens."""
    return usage.input_tokens is None and usage.output_tokens is None


def without_counts(body: Json) -> Json:
    """A plain answer, or the data of an event, without its usage.

    The format always writes counts, and zero would be a lie.
    """
    if not isinstance(body, dict):
        return body
    kept = {key: value for key, value in body.items() if key != "usage"}
    return kept | ({"message": without_counts(kept["message"])} if "message" in kept else {})


def without_counts_in(events: Sequence[bytes]) -> Iterator[bytes]:
    """A stream whose events tell no usage."""
    for event in split(b"".join(events)):
        try:
            yield event_bytes(without_counts(parse_json(event.data)), event.event)
        except ValueError:  # no JSON, as the end of a stream of chat completions
            yield event.raw
