"""A recorded answer as the client library gets it again."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from pytest_llmreplay.capture.tape import Playback
from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.redaction.kept_headers import (
    PLACES,
    UPLOAD_URL,
    place_of_upload,
    place_on_host,
)
from pytest_llmreplay.event import (
    FIRST_ERROR,
    BinaryBody,
    Body,
    Ended,
    Failure,
    HttpResponse,
    JsonBody,
    StreamBody,
)
from pytest_llmreplay.providers.endpoints.routes import path_of, route_of
from pytest_llmreplay.providers.registry import identify

__all__ = ["playback_of", "playback_of_head"]

Headers: TypeAlias = tuple[tuple[str, str], ...]

_NO_ANSWER = 599
_ID_HEADERS = {
    "anthropic": "request-id",
    "bedrock": "x-amzn-requestid",
    "converse": "x-amzn-requestid",
    "count_tokens": "request-id",
    "invoke": "x-amzn-requestid",
    "messages": "request-id",
}
"""Where a client looks for the name of a call, by the route of its path, else by provider."""
_LONGEST = 200


def _named(url: str, request_id: str | None) -> Headers:
    """The header in which a client looks for the provider's own name of a call."""
    if request_id is None or not _fits_header(request_id):
        return ()
    return ((_id_header(url), request_id),)


def _fits_header(word: str) -> bool:
    return word.isascii() and word.isprintable() and " " not in word and 0 < len(word) <= _LONGEST


@lru_cache(maxsize=256)  # a program calls few URLs, and each of them often
def _id_header(url: str) -> str:
    route = route_of(path_of(url))
    asked = route.api if route else identify("GET", url, {}, None).provider
    return _ID_HEADERS.get(asked, "x-request-id")


def playback_of(response: HttpResponse | Failure, *, url: str, request_id: str | None) -> Playback:
    """What to hand to the client: a stream in the pieces in which it came, all else whole.

    Args:
        response: What was recorded.
        url: Of the call that it answers.
        request_id: The provider's own name of the call; it may have been edited by hand.
    """
    if isinstance(response, Failure):
        return Playback(status=_NO_ANSWER, headers=(), chunks=(), ended="cut", failure=response)
    return playback_of_head(
        response.status,
        tuple(response.headers.items()),
        url=url,
        request_id=request_id,
        chunks=_chunks(response.body),
        ended=response.ended,
    )


def playback_of_head(
    status: int,
    headers: Headers,
    *,
    url: str,
    request_id: str | None,
    chunks: tuple[bytes, ...],
    ended: Ended,
) -> Playback:
    """What to hand to the client, of an answer whose body is known in its pieces."""
    if any(name in PLACES for name, _ in headers):
        headers = tuple((name, _place(name, value, url)) for name, value in headers)
    if status >= FIRST_ERROR:
        # The recorded error was the last attempt; both SDKs obey this header and do not wait.
        headers = (
            *((name, value) for name, value in headers if name != "x-should-retry"),
            ("x-should-retry", "false"),
        )
    named = _named(url, request_id)
    return Playback(status=status, headers=headers, named=named, chunks=chunks, ended=ended)


def _place(name: str, value: str, url: str) -> str:
    """A header that is an address: what follows it goes where the call went, whatever it says."""
    if name == UPLOAD_URL:
        return "/".join([*url.split("/", 3)[:3], place_of_upload(value).lstrip("/")])
    return place_on_host(value) if name == "location" else value


def _chunks(body: Body | StreamBody | None) -> tuple[bytes, ...]:
    if body is None:
        return ()
    if isinstance(body, StreamBody):
        return tuple([chunk.data for chunk in body.chunks])
    if isinstance(body, JsonBody):
        return (json_bytes(body.value),)
    return (body.data if isinstance(body, BinaryBody) else body.text.encode(),)
