"""httpcore and httpcore2, beneath httpx and httpx2: the calls that a mocking library lets through.

pytest-httpx and respx answer in the place of a transport or of its pool, so that the seam above
leaves the call to them. What they do not answer comes here, as does what asks a pool directly.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

from pytest_llmreplay.capture.active import anything_open
from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import answer_headers, is_routed
from pytest_llmreplay.capture.tape import Playback, RawRequest, Recorder

from .httpx_answers import PlayedStream, TapedStream, error_of, status_line, version
from .httpx_client import AsyncShell, SyncShell
from .httpx_headers import decoded

__all__ = ["call_sites", "patches"]


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patches rely on the inside of `library`."""
    return tuple(
        CallSite(owner=patch.owner, name=patch.name, parameters=("self", "request"))
        for patch in patches(library)
    )


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in httpcore or httpcore2."""
    seam = _Seam(library)
    pool, async_pool = library.ConnectionPool, library.AsyncConnectionPool
    return (
        Patch(owner=pool, name="handle_request", around=seam.around),
        Patch(owner=async_pool, name="handle_async_request", around=seam.around_async),
    )


class _Seam:
    """What the shells of httpx ask for, told of requests and answers of a pool."""

    def __init__(self, library: ModuleType) -> None:
        self.answers = self
        self._library = library

    def around(self, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Put a shell around a pool; respx tells the request by its name."""

        @functools.wraps(original)
        def handle_request(pool: Any, request: Any) -> Any:
            if is_routed() or not anything_open():
                return original(pool, request)
            beneath = _Beneath(pool, lambda asked: original(pool, asked.request))
            return SyncShell(beneath, self).handle_request(_Asked(request))

        return handle_request

    def around_async(self, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Replace `handle_async_request` of an asynchronous pool."""

        @functools.wraps(original)
        async def handle_async_request(pool: Any, request: Any) -> Any:
            if is_routed() or not anything_open():
                return await original(pool, request)
            beneath = _Beneath(pool, lambda asked: original(pool, asked.request))
            return await AsyncShell(beneath, self).handle_async_request(_Asked(request))

        return handle_async_request

    def raw(self, asked: _Asked, url: str, content: bytes) -> RawRequest:
        """The request as a tape sees it."""
        return RawRequest(
            method=asked.method,
            url=url,
            headers=lambda: decoded(asked.request.headers),
            content=content,
            library=self._library.__name__,
            patience=asked.extensions.get("timeout", {}).get("read"),
        )

    def at_hand(self, _: _Asked) -> bytes | None:
        """The body is always a stream."""
        return None

    def read(self, asked: _Asked) -> bytes:
        """The body, which stays to be sent."""
        content = b"".join(asked.request.stream)
        asked.request.stream = _Content(content)
        return content

    async def aread(self, asked: _Asked) -> bytes:
        """The body of an asynchronous request, which stays to be sent."""
        content = b"".join([piece async for piece in asked.request.stream])
        asked.request.stream = _Content(content)
        return content

    def played(self, playback: Playback, transport: _Beneath, url: str) -> Any:
        """A response of the pool with the recorded answer."""
        error = functools.partial(error_of, self._library)
        if playback.failure is not None:
            raise error(playback.failure.kind, playback.failure.message)
        return self._library.Response(
            playback.status,
            headers=_encoded(answer_headers(playback)),
            content=PlayedStream(playback, error),
            extensions=status_line(playback.status, version(transport, url)),
        )

    def taped(self, response: Any, recorder: Recorder) -> Any:
        """The live response, with a recorder listening."""
        recorder.head(response.status, decoded(response.headers).items())
        response.stream = TapedStream(response.stream, recorder)
        return response


class _Asked:
    """A request of a pool with the words of httpx."""

    __slots__ = ("extensions", "method", "request", "url")

    def __init__(self, request: Any) -> None:
        self.request = request
        self.method: str = request.method.decode("ascii")
        self.url = _url(request.url)
        self.extensions = request.extensions


class _Beneath:
    """A pool with the words of a transport of httpx."""

    __slots__ = ("_pool", "handle_async_request", "handle_request")

    def __init__(self, pool: Any, send: Callable[[_Asked], Any]) -> None:
        self._pool = pool
        self.handle_request = self.handle_async_request = send


class _Content:
    """A body that was read, to be sent once or more."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def _url(url: Any) -> str:
    """The absolute URL of a request."""
    host = url.host.decode("ascii")
    place = f"[{host}]" if ":" in host else host
    port = "" if url.port is None else f":{url.port}"
    return f"{url.scheme.decode('ascii')}://{place}{port}{url.target.decode('ascii')}"


def _encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
