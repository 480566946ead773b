"""What a target answered, in the format in which a client asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.redaction.kept_headers import REQUEST_IDS
from pytest_llmreplay.event import FIRST_ERROR, Event, Response, ResponseError
from pytest_llmreplay.providers.answers.reading import request_body
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.chat_completions.as_mistral import AsMistral
from pytest_llmreplay.providers.endpoints.routes import path_of, route_of
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.providers.retelling.answer import without_extra, without_thoughts
from pytest_llmreplay.providers.streams.aws_frames import CONTENT_TYPE, looks_like_frames
from pytest_llmreplay.providers.streams.messages_frames import packed, unpacked
from pytest_llmreplay.providers.streams.pieces import content_type_of
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.result import Reply

__all__ = [
    "Answer",
    "answer_of",
    "as_told",
    "asks_for_frames",
    "asks_for_thoughts",
    "asks_for_usage",
    "error_events",
    "passed_on",
    "reads_as_mistral",
]

_PASSED_ON = frozenset(
    {
        "content-type",
        *REQUEST_IDS,
        "retry-after",
        "retry-after-ms",
        "x-amzn-errortype",
        "x-should-retry",
    }
)
"""Headers of an answer that a client acts on or shows."""
_OVERLOADED, _UNAVAILABLE = 529, 503
"""Anthropic's status for what all others call unavailable."""
_MISTRAL = "mistral"
_DATES = {"chat_completions": "created", "responses": "created_at"}
"""The formats whose answers say when they were given, and where."""
_THINKING = frozenset({"enabled", "adaptive"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer for a client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[bytes, ...]


def answer_of(asked: Event, reply: Reply, decoded: Callable[[], Response]) -> Answer:
    """The whole answer for whoever asked.

    Args:
        asked: The call as the client made it.
        reply: What the target answered to the request that was made of it.
        decoded: What that says; asked where the answer is converted.
    """
    answer = _answer(asked, reply, decoded)
    if answer.status >= FIRST_ERROR:
        return _without_key(answer, reply.outgoing.endpoint)
    framed = reply.outgoing.stream and asked.api == "messages"
    return _framed(asked, answer) if framed else answer


def _without_key(refusal: Answer, endpoint: Endpoint) -> Answer:
    """A refusal that may repeat the target's key, which is not the client's to show."""
    return replace(refusal, chunks=(endpoint.hide_key_in(b"".join(refusal.chunks)),))


def asks_for_frames(asked: Event) -> bool:
    """Whether the client reads the frames of Bedrock, not server-sent events."""
    route = route_of(path_of(asked.exchange.request.url))
    return route is not None and route.api == "invoke"


def _framed(asked: Event, answer: Answer) -> Answer:
    """A stream of messages in the frames that a client of Bedrock reads, or out of them."""
    data, wanted = b"".join(answer.chunks), asks_for_frames(asked)
    if wanted == looks_like_frames(data):
        return answer
    kind = CONTENT_TYPE if wanted else "text/event-stream"
    headers = ((name, kind if name == "content-type" else text) for name, text in answer.headers)
    chunks = packed([data]) if wanted else [unpacked(data)]
    return Answer(status=answer.status, headers=tuple(headers), chunks=tuple(chunks))


def _answer(asked: Event, reply: Reply, decoded: Callable[[], Response]) -> Answer:
    headers = passed_on(reply.headers)
    known = format_of(asked.api)
    if reply.outgoing.api == asked.api or known is None:
        chunks = tuple(chunk.data for chunk in reply.chunks)
        return Answer(status=reply.status, headers=tuple(headers.items()), chunks=chunks)
    known = known.answering(asked.exchange.request)
    status, chunks = _converted(asked, reply, known, as_told(asked, decoded()))
    headers["content-type"] = content_type_of(chunks[0]) if len(chunks) > 1 else "application/json"
    return Answer(status=status, headers=tuple(headers.items()), chunks=chunks)


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer that reach the client."""
    return {name: text for name, text in headers.items() if name in _PASSED_ON}


def as_told(asked: Event, response: Response) -> Response:
    """An answer of another format as whoever asked gets to know it: all that both formats tell."""
    told = without_extra(response)
    told = told if asks_for_thoughts(asked) else without_thoughts(told)
    date = _DATES.get(asked.api)
    return told if date is None else replace(told, extra={date: int(time.time())})


def asks_for_thoughts(asked: Event) -> bool:
    """Whether the client reads thoughts; those of messages get blocks of them if they ask alone."""
    if asked.api != "messages":
        return True
    reasoning = asked.request.reasoning
    return reasoning is not None and reasoning.mode in _THINKING


def asks_for_usage(asked: Event) -> bool:
    """Whether the client asked for usage, where a stream does not tell it by itself."""
    options = request_body(asked.exchange).get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def reads_as_mistral(asked: Event) -> bool:
    """Whether the client reads chat completions as Mistral's server tells them."""
    if asked.api != "chat_completions":
        return False
    agent = asked.exchange.request.headers.get("user-agent", "")
    return asked.provider == _MISTRAL or agent.endswith(f"{_MISTRAL}ai")


def error_events(asked: Event, reply: Reply, response: Response) -> list[bytes]:
    """The events that tell a client, in the midst of a stream, that it failed."""
    known = format_of(asked.api)
    assert known is not None  # a stream is converted into a known format only
    status, message = _failure(known, reply.status, response)
    error = ResponseError(status=status, type=None, message=message)
    return known.encode_stream(Response(error=error, truncated=True))


def _converted(
    asked: Event, reply: Reply, known: ApiFormat, response: Response
) -> tuple[int, tuple[bytes, ...]]:
    if response.error is not None or reply.status >= FIRST_ERROR:
        status, message = _failure(known, reply.status, response)
        return status, (json_bytes(known.encode_error(status, None, message)),)
    if known.streams(asked.exchange.request.url, request_body(asked.exchange)):
        usage = asks_for_usage(asked) or reads_as_mistral(asked)
        events = known.encode_stream(response, usage=usage)
        return reply.status, tuple(_as_mistral(events) if reads_as_mistral(asked) else events)
    return reply.status, (json_bytes(known.encode_response(response)),)


def _as_mistral(events: list[bytes]) -> list[bytes]:
    way = AsMistral()
    return [*way.feed(b"".join(events)), *way.end()]


def _failure(known: ApiFormat, status: int, response: Response) -> tuple[int, str]:
    """Status and words of an error; its type follows the status, as providers have their own."""
    status = status if status >= FIRST_ERROR else 500
    if status == _OVERLOADED and known.name != "messages":
        status = _UNAVAILABLE
    return status, response.error.message if response.error else f"HTTP status {status}"
