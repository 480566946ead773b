"""httpx and httpx2: a transport of ours around the one that a client picks for a URL.

`_transport_for_url` stands above mounts, proxies and transports of the user's own, and below
authentication, redirects and event hooks; the SDKs' clients inherit it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from http import HTTPStatus
from types import ModuleType
from typing import Any, Final

from .active import anything_open
from .httpx_headers import decoded
from .patching import CallSite, Patch
from .routing import (
    Live,
    answer_headers,
    closing,
    ended_by,
    settled,
    settled_async,
    tape_for,
    without_body_headers,
)
from .tape import Playback, RawRequest, Recorder

__all__ = ["call_sites", "patches"]

_MOCKS: Final = frozenset(("pytest_httpx", "respx"))
"""Libraries that answer by replacing methods of transports or of their connection pools."""

_PATIENCE: Final = 60.0
"""Seconds that a call which was recorded as cancelled waits to be cancelled again."""


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patches rely on the inside of `library`."""
    return tuple(
        CallSite(
            owner=client,
            name="_transport_for_url",
            parameters=("self", "url"),
            caller="_send_single_request",
        )
        for client in (library.Client, library.AsyncClient)
    )


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in httpx or httpx2."""
    seam = _Seam(library)
    return (
        Patch(owner=library.Client, name="_transport_for_url", around=seam.around(_Sync)),
        Patch(owner=library.AsyncClient, name="_transport_for_url", around=seam.around(_Async)),
    )


class _Seam:
    """What the two shells share, bound to the library that the client came from."""

    def __init__(self, library: ModuleType) -> None:
        streams = (library.SyncByteStream, library.AsyncByteStream)
        self.name = library.__name__
        self.library = library
        self.in_process = (library.MockTransport, library.ASGITransport, library.WSGITransport)
        self.kept_headers = functools.lru_cache(maxsize=256)(
            lambda headers: library.Headers(without_body_headers(headers))
        )
        self.played_whole = type("PlayedResponse", (_PlayedWhole, library.Response), {})
        self.played_stream = type("PlayedStream", (_PlayedStream, *streams), {})
        self.taped_stream = type("TapedStream", (_TapedStream, *streams), {})

    def around(self, shell: Callable[[Any, _Seam], object]) -> Callable[[Any], Any]:
        """Makes a `_transport_for_url` that puts `shell` around what the original picks."""

        def replace(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
            @functools.wraps(original)
            def _transport_for_url(client: Any, url: Any) -> Any:
                transport = original(client, url)
                leave = not anything_open() or self.answers_inside(transport)
                return transport if leave else shell(transport, self)

            return _transport_for_url

        return replace

    def answers_inside(self, transport: object) -> bool:
        """Whether a transport answers within this process: then nothing it does is an LLM call."""
        return (
            isinstance(transport, self.in_process)
            or hasattr(transport, "app")
            or (
                not sys.modules.keys().isdisjoint(_MOCKS)
                and (_mocked(transport) or _mocked(getattr(transport, "_pool", None)))
            )
        )

    def raw(self, request: Any, url: str, content: bytes) -> RawRequest:
        """The request as a tape sees it."""
        return RawRequest(
            method=request.method,
            url=url,
            # `raw` is a copy: a retry may change its own.
            headers=functools.partial(decoded, request.headers.raw),
            content=content,
            library=self.name,
        )

    def at_hand(self, request: Any) -> bytes | None:
        """The body, if it is one piece of bytes: then both kinds of client read it in one step."""
        return request.read() if isinstance(request.stream, self.library.ByteStream) else None

    def read(self, request: Any) -> bytes:
        """The body of a generator or the like, which stays to be sent."""
        return self._with_length(request, request.read())

    async def aread(self, request: Any) -> bytes:
        """The body of an asynchronous generator or the like, which stays to be sent."""
        return self._with_length(request, await request.aread())

    def _with_length(self, request: Any, content: bytes) -> bytes:
        """A body that was a generator is bytes now, which are not sent in unknown length."""
        if "transfer-encoding" in request.headers:
            del request.headers["transfer-encoding"]
            request.headers["content-length"] = str(len(content))
        return content

    def played(self, playback: Playback, transport: object, url: str) -> Any:
        """A response of the library with the recorded answer, as `transport` would have made it."""
        if playback.failure is not None:
            raise self.error(playback.failure.kind, playback.failure.message)
        line = _status_line(playback.status, _version(transport, url))
        chunks = playback.chunks
        if playback.ended == "complete" and isinstance(chunks, tuple) and len(chunks) == 1:
            return self._played_whole(playback, chunks[0], line)
        return self.library.Response(
            playback.status,
            headers=answer_headers(playback),
            stream=self.played_stream(playback, self),
            extensions=line,
        )

    def _played_whole(self, playback: Playback, body: bytes, line: dict[str, bytes]) -> Any:
        response = self.played_whole(
            playback.status,
            headers=self.kept_headers(playback.headers),
            stream=self.library.ByteStream(body),
            extensions=line,
        )
        response.headers["content-length"] = str(len(body))
        response.whole = body
        return response

    def taped(self, response: Any, recorder: Recorder) -> Any:
        """The live response, with a recorder listening."""
        recorder.head(response.status_code, decoded(response.headers.raw).items())
        if isinstance(response.stream, self.library.ByteStream):
            recorder.chunk(b"".join(response.stream))
            recorder.finish()
        else:
            response.stream = self.taped_stream(response.stream, recorder)
        return response

    def error(self, kind: str, message: str) -> Exception:
        """The library's own error for a recorded failure."""
        name = {"connect": "ConnectError", "cut": "RemoteProtocolError"}.get(kind, "ReadTimeout")
        error: Exception = getattr(self.library, name)(message)
        return error


@functools.lru_cache(maxsize=64)
def _status_line(status: int, version: bytes) -> dict[str, bytes]:
    """What transports add to a response: the rest of its first line."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return {"http_version": version, "reason_phrase": phrase.encode()}


def _version(transport: object, url: str) -> bytes:
    """The version of HTTP that a transport would speak: HTTP/2 where it may, as providers can.

    Without TLS it would have to know beforehand that the server can
    (https://www.rfc-editor.org/rfc/rfc9113#section-3.3).
    """
    pool = getattr(transport, "_pool", None)
    if not getattr(pool, "_http2", False):
        return b"HTTP/1.1"
    certain = url.startswith("https:") or not getattr(pool, "_http1", True)
    return b"HTTP/2" if certain else b"HTTP/1.1"


def _mocked(sender: object) -> bool:
    """Whether a mocking library has replaced the method that would send."""
    send = getattr(sender, "handle_request", None) or getattr(sender, "handle_async_request", None)
    module = getattr(send, "__module__", None) or ""
    return module.partition(".")[0] in _MOCKS


class _Sync:
    """Asks the tape before a transport sends."""

    __slots__ = ("_seam", "_transport")

    def __init__(self, transport: Any, seam: _Seam) -> None:
        self._transport = transport
        self._seam = seam

    def handle_request(self, request: Any) -> Any:
        """Play, record, or send as if nobody looked."""
        url = str(request.url)
        tape = tape_for(request.method, url)
        if tape is None:
            return self._transport.handle_request(request)
        seam = self._seam
        content = seam.at_hand(request)
        if content is None:
            content = seam.read(request)
        decision = settled(tape.route(seam.raw(request, url, content)))
        if isinstance(decision, Playback):
            return seam.played(decision, self._transport, url)
        return self._live(request, decision)

    def _live(self, request: Any, recorder: Recorder | None) -> Any:
        with Live(recorder):
            response = self._transport.handle_request(request)
        return response if recorder is None else self._seam.taped(response, recorder)


class _Async:
    """Asks the tape before an asynchronous transport sends."""

    __slots__ = ("_seam", "_transport")

    def __init__(self, transport: Any, seam: _Seam) -> None:
        self._transport = transport
        self._seam = seam

    async def handle_async_request(self, request: Any) -> Any:
        """Play, record, or send as if nobody looked."""
        url = str(request.url)
        tape = tape_for(request.method, url)
        if tape is None:
            return await self._transport.handle_async_request(request)
        seam = self._seam
        content = seam.at_hand(request)
        if content is None:
            content = await seam.aread(request)
        decision = await settled_async(tape.route(seam.raw(request, url, content)))
        if isinstance(decision, Playback):
            if decision.failure is not None and decision.failure.kind == "cancelled":
                await _be_cancelled(request)
            return seam.played(decision, self._transport, url)
        return await self._live(request, decision)

    async def _live(self, request: Any, recorder: Recorder | None) -> Any:
        with Live(recorder):
            response = await self._transport.handle_async_request(request)
        return response if recorder is None else self._seam.taped(response, recorder)


async def _be_cancelled(request: Any) -> None:
    """Wait, as the recorded call did, for the cancellation that ended it."""
    import anyio  # noqa: PLC0415  (httpx depends on it; needed in this one case)

    limit = request.extensions.get("timeout", {}).get("read") or _PATIENCE
    await anyio.sleep(min(limit, _PATIENCE))


class _PlayedWhole:
    """A response whose body is at hand: it is read without decoders and iterators.

    Mixed into the library's own class, in front of it.
    """

    whole: bytes
    stream: Any
    is_stream_consumed: bool
    is_closed: bool

    def read(self) -> bytes:
        """The body."""
        if self.is_stream_consumed or self.is_closed:
            content: bytes = super().read()  # type: ignore[misc]  # of the library's class
            return content
        self._begin()
        self.stream.close()
        return self.whole

    async def aread(self) -> bytes:
        """The body."""
        if self.is_stream_consumed or self.is_closed:
            content: bytes = await super().aread()  # type: ignore[misc]
            return content
        self._begin()
        await self.stream.aclose()
        return self.whole

    def _begin(self) -> None:
        self._content = self.whole
        self._num_bytes_downloaded = len(self.whole)
        self.is_stream_consumed = self.is_closed = True

    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        """Pickled as one of the library's own."""
        return object.__new__, type(self).__bases__[1:], self.__getstate__()


class _PlayedStream:
    """A body, piece by piece, and then whatever ended it."""

    def __init__(self, playback: Playback, seam: _Seam) -> None:
        self._playback = playback
        self._seam = seam

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._playback.chunks
        finally:  # also of a reader that is gone without a word
            self._playback.close()
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = self._playback.chunks
        try:
            if isinstance(chunks, tuple):
                for chunk in chunks:
                    yield chunk
            else:
                while (piece := await chunks.anext_piece()) is not None:
                    yield piece
        finally:
            self._playback.close()
        self._end()

    def _end(self) -> None:
        ending, reason = self._playback.ending, self._playback.reason
        if ending == "cut":
            raise self._seam.error("cut", f"peer closed connection ({reason})")
        if ending == "timeout":
            raise self._seam.error("timeout", f"the read operation timed out ({reason})")

    def close(self) -> None:
        """The reader has had enough."""
        self._playback.close()

    async def aclose(self) -> None:
        """The reader has had enough."""
        self._playback.close()


class _TapedStream:
    """A live body that passes on every piece at once, and tells the recorder."""

    def __init__(self, stream: Any, recorder: Recorder) -> None:
        self._stream = stream
        self._recorder = recorder

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._stream:
                self._recorder.chunk(chunk)
                yield chunk
        except BaseException as error:
            self._recorder.finish(ended_by(error))
            raise
        self._recorder.finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = self._stream.__aiter__()
        try:
            async for chunk in pieces:
                self._recorder.chunk(chunk)
                yield chunk
        except BaseException as error:
            self._recorder.finish(ended_by(error))
            raise
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
        self._recorder.finish()

    def close(self) -> None:
        """The reader has had enough."""
        self._recorder.finish(closing())
        self._stream.close()

    async def aclose(self) -> None:
        """The reader has had enough."""
        self._recorder.finish(closing())
        await self._stream.aclose()
