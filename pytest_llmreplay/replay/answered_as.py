"""What a target answered, in the format in which a client asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.secret_names import REQUEST_IDS
from pytest_llmreplay.event import Chunk, Event, Json, JsonBody, Response
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.aws_frames import CONTENT_TYPE, looks_like_frames
from pytest_llmreplay.providers.foreign import without_extra
from pytest_llmreplay.providers.messages.frames import packed, unpacked
from pytest_llmreplay.providers.pieces import whole_pieces
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.providers.routes import path_of, route_of
from pytest_llmreplay.providers.sse import SseSplitter, split

from .decode import exchange_of
from .result import Reply

__all__ = ["Answer", "answer_of"]

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
_ERROR = 400
_OVERLOADED, _UNAVAILABLE = 529, 503
"""Anthropic's status for what all others call unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer for a client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[bytes, ...]


def answer_of(asked: Event, reply: Reply) -> Answer:
    """The answer for whoever asked.

    Args:
        asked: The call as the client made it.
        reply: What the target answered to the request that was made of it.
    """
    answer = _answer(asked, reply)
    streams = reply.outgoing.stream and answer.status < _ERROR
    return _framed(asked, answer) if streams and asked.api == "messages" else answer


def _framed(asked: Event, answer: Answer) -> Answer:
    """A stream of messages in the frames that a client of Bedrock reads, or out of them."""
    route, data = route_of(path_of(asked.exchange.request.url)), b"".join(answer.chunks)
    wanted = route is not None and route.api == "invoke"
    if wanted == looks_like_frames(data):
        return answer
    kind = CONTENT_TYPE if wanted else "text/event-stream"
    headers = ((name, kind if name == "content-type" else text) for name, text in answer.headers)
    chunks = packed([data]) if wanted else [unpacked(data)]
    return Answer(status=answer.status, headers=tuple(headers), chunks=tuple(chunks))


def _answer(asked: Event, reply: Reply) -> Answer:
    headers = {name: text for name, text in reply.headers.items() if name in _PASSED_ON}
    known = format_of(asked.api)
    if reply.outgoing.api == asked.api or known is None:
        chunks = tuple(chunk.data for chunk in reply.chunks)
        if reply.outgoing.stream and not _asks_for_usage(asked):
            chunks = _without_usage(reply.chunks)
        return Answer(status=reply.status, headers=tuple(headers.items()), chunks=chunks)
    return _converted(asked, reply, known, headers)


def _converted(asked: Event, reply: Reply, known: ApiFormat, headers: Mapping[str, str]) -> Answer:
    spoken = format_of(reply.outgoing.api)
    assert spoken is not None  # it was sent in this format
    response = without_extra(spoken.response(exchange_of(reply)))
    kept = [(name, text) for name, text in headers.items() if name != "content-type"]
    if response.error is not None or reply.status >= _ERROR:
        status, body = _error(known, reply.status, response)
        chunks: tuple[bytes, ...] = (json_bytes(body),)
    elif known.streams(asked.exchange.request.url, _body(asked)):
        chunks = tuple(known.encode_stream(response, usage=_asks_for_usage(asked)))
        return Answer(
            status=reply.status,
            headers=(("content-type", "text/event-stream"), *kept),
            chunks=chunks,
        )
    else:
        status, chunks = reply.status, (json_bytes(known.encode_response(response)),)
    return Answer(
        status=status, headers=(("content-type", "application/json"), *kept), chunks=chunks
    )


def _error(known: ApiFormat, status: int, response: Response) -> tuple[int, Json]:
    """Status and body of an error, its type by the status, as types differ between providers."""
    status = status if status >= _ERROR else 500
    if status == _OVERLOADED and known.name != "messages":
        status = _UNAVAILABLE
    message = response.error.message if response.error else f"HTTP status {status}"
    return status, known.encode_error(status, None, message)


def _body(asked: Event) -> dict[str, Json]:
    body = asked.exchange.request.body
    return body.value if isinstance(body, JsonBody) and isinstance(body.value, dict) else {}


def _asks_for_usage(asked: Event) -> bool:
    options = _body(asked).get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def _without_usage(chunks: Iterable[Chunk]) -> tuple[bytes, ...]:
    """A chat stream without the piece that only tells usage: whoever did not ask trips over it."""
    events = whole_pieces(chunks, SseSplitter())
    return tuple(event.data for event in events if not _tells_usage(event.data))


def _tells_usage(event: bytes) -> bool:
    if b'"usage"' not in event or b'"choices"' not in event:
        return False
    try:
        value = json.loads(split(event)[0].data)
    except (ValueError, RecursionError, IndexError):
        return False
    return isinstance(value, dict) and value.get("choices") == [] and bool(value.get("usage"))
