"""Answers that a person wrote: `answer` without a recorded stream or body."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.cassette.yaml_text.fields import WrongField
from pytest_llmreplay.event import (
    Chunk,
    Event,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Response,
    StreamBody,
    Usage,
)
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.streams.aws_frames import is_aws_stream
from pytest_llmreplay.providers.streams.messages_frames import packed

from .answer import response_of_answer

__all__ = ["played_from_answer"]


def played_from_answer(
    answer: Json, head: HttpResponse, known: ApiFormat | None, event: Event
) -> HttpResponse:
    """The answer in its wire format: streamed where the request asked for a stream.

    Args:
        answer: The value under `answer`.
        head: The response without its body.
        known: The wire format of the event.
        event: The event without an answer.
    """
    if known is None:
        problem = f"an answer of api {event.api!r} can be played from its stream only"
        raise WrongField(("answer",), problem)
    measured = event.measured
    usage = Usage(input_tokens=measured.input_tokens, output_tokens=measured.output_tokens)
    response = response_of_answer(answer, model=measured.model or event.model)
    response = replace(response, usage=usage, truncated=head.ended != "complete")
    request = event.exchange.request
    body = _encoded(response, request, known.answering(request))
    kind = head.headers.get("content-type", "")
    return replace(head, body=_in_frames(body) if is_aws_stream(kind, b"") else body)


def _encoded(response: Response, request: HttpRequest, known: ApiFormat) -> JsonBody | StreamBody:
    body = request.body.value if isinstance(request.body, JsonBody) else None
    if not known.streams(request.url, body):
        return JsonBody(value=known.encode_response(response))
    asked = isinstance(body, dict) and known.asking_for_usage(body) == body
    pieces = known.encode_stream(response, usage=asked)
    return StreamBody(chunks=tuple([Chunk(at=0.0, data=piece) for piece in pieces]))


def _in_frames(body: JsonBody | StreamBody) -> JsonBody | StreamBody:
    """A stream for a client of Bedrock, which reads nothing but frames."""
    if isinstance(body, JsonBody) or is_aws_stream("", body.data):
        return body
    pieces = packed(chunk.data for chunk in body.chunks)
    return StreamBody(chunks=tuple([Chunk(at=0.0, data=piece) for piece in pieces]))
