"""Recorded answers and refusals, as they go over the wire to the caller."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from pytest_llmreplay.capture.arriving import Arriving
from pytest_llmreplay.capture.routing import without_body_headers
from pytest_llmreplay.capture.tape import Playback
from pytest_llmreplay.event import Json
from pytest_llmreplay.loopback.outlet import LiveReply, Outlet
from pytest_llmreplay.loopback.reply import Headers, Piece, Reply
from pytest_llmreplay.providers.endpoints.routes import route_of
from pytest_llmreplay.providers.registry import format_of

__all__ = ["REDIRECTS", "Shown", "passed_on", "played", "redirected", "refused"]

_NEVER = frozenset(
    {
        *("keep-alive", "proxy-authenticate", "set-cookie", "te", "trailer", "upgrade"),
        "location",  # the caller would go there past the server
    }
)
_UPLOAD_URL = "x-goog-upload-url"
"""Says where the pieces of a file go: https://ai.google.dev/gemini-api/docs/files#rest"""

REDIRECTS = range(300, 400)
"""Statuses of HTTP that send the caller elsewhere."""


class Shown(NamedTuple):
    """An upstream, as its callers see it."""

    origin: str
    """Scheme, host and port of its own."""
    here: str
    """The address of ours that stands for it."""

    def place(self, url: str) -> str:
        """Where a caller finds what the upstream has at a URL; empty for what others have."""
        path = url.removeprefix(self.origin)
        return self.here + path if path != url and path.startswith("/") else ""


def played(playback: Playback, path: str, shown: Shown) -> Reply | LiveReply:
    """A recorded answer: a stream chunk for chunk, and broken off where the recording was.

    One that is still coming is passed on as it comes. Where no answer came the connection is
    closed without a word.
    """
    if playback.failure is not None:
        return LiveReply(lambda outlet: outlet.end(whole=False))
    if playback.status in REDIRECTS:
        return redirected(path)
    if isinstance(playback.chunks, Arriving):
        return LiveReply(partial(_passed, playback, playback.chunks, shown))
    whole = playback.ended in {"complete", "left"}
    pieces = tuple(Piece(data=chunk) for chunk in playback.chunks)
    return Reply(
        status=playback.status,
        headers=passed_on(playback.all_headers, shown),
        pieces=pieces,
        streamed=not whole or len(pieces) > 1 or _is_stream(playback.headers),
        cut=None if whole else sum(map(len, playback.chunks)),
    )


def _passed(playback: Playback, pieces: Arriving, shown: Shown, outlet: Outlet) -> None:
    try:
        outlet.head(playback.status, passed_on(playback.all_headers, shown))
        for piece in pieces:
            outlet.data(piece)
    finally:
        pieces.close()
    outlet.end(whole=playback.ending == "complete")


def refused(path: str, status: int, message: str) -> Reply:
    """An error of ours, in the words of the caller's API; no SDK tries again.

    Both SDKs obey `x-should-retry`:
    https://github.com/openai/openai-python/blob/main/src/openai/_base_client.py
    """
    body = _error_body(path, status, f"pytest-llmreplay: {message}")
    return Reply.plain(body, status=status, headers=[("x-should-retry", "false")])


def redirected(path: str) -> Reply:
    """What a caller gets of a redirect: its SDK would follow one, with its key."""
    return refused(path, 502, "the upstream redirects, which is never followed")


def passed_on(headers: tuple[tuple[str, str], ...], shown: Shown) -> Headers:
    """The headers of an answer that reach the caller, who sends a file in pieces to the server."""
    kept = [pair for pair in without_body_headers(headers) if pair[0].lower() not in _NEVER]
    places = ((_UPLOAD_URL, shown.place(url)) for name, url in kept if name.lower() == _UPLOAD_URL)
    others = (pair for pair in kept if pair[0].lower() != _UPLOAD_URL)
    return (*others, *(pair for pair in places if pair[1]))


def _is_stream(headers: tuple[tuple[str, str], ...]) -> bool:
    return any(
        name.lower() == "content-type" and value.startswith("text/event-stream")
        for name, value in headers
    )


def _error_body(path: str, status: int, message: str) -> Json:
    route = route_of(path)
    api = route.api if route else ""
    if api in {"ollama_chat", "ollama_generate"} or path.endswith("/api/embed"):
        return {"error": message}
    if api == "invoke":
        return {"message": message}
    known = format_of(api)
    if known is not None:
        return known.encode_error(status, None, message)
    if api == "generate_content":
        return {"error": {"code": status, "message": message, "status": "FAILED_PRECONDITION"}}
    return {"error": {"message": message, "type": "invalid_request_error", "code": None}}
