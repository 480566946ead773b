"""httpx and httpx2: answers, as they are played and as they come."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from http import HTTPStatus
from types import ModuleType
from typing import Any

from pytest_llmreplay.capture.endings import closing, ended_by
from pytest_llmreplay.capture.routing import answer_headers, without_body_headers
from pytest_llmreplay.capture.tape import Playback, Recorder

from .httpx_headers import decoded

__all__ = ["Answers", "PlayedStream", "TapedStream", "error_of", "status_line", "version"]


class Answers:
    """Makes the answers of one of the two libraries."""

    def __init__(self, library: ModuleType) -> None:
        streams = (library.SyncByteStream, library.AsyncByteStream)
        self._library = library
        self._error = functools.partial(error_of, library)
        self._kept_headers = functools.lru_cache(maxsize=256)(
            lambda headers: library.Headers(without_body_headers(headers))
        )
        self._whole = type("PlayedResponse", (_PlayedWhole, library.Response), {})
        self._stream = type("PlayedStream", (PlayedStream, *streams), {})
        self._taped = type("TapedStream", (TapedStream, *streams), {})

    def played(self, playback: Playback, transport: object, url: str) -> Any:
        """A response of the library with the recorded answer, as `transport` would have made it."""
        if playback.failure is not None:
            raise self._error(playback.failure.kind, playback.failure.message)
        line = status_line(playback.status, version(transport, url))
        chunks = playback.chunks
        if playback.ended == "complete" and isinstance(chunks, tuple) and len(chunks) == 1:
            return self._played_whole(playback, chunks[0], line)
        return self._library.Response(
            playback.status,
            headers=answer_headers(playback),
            stream=self._stream(playback, self._error),
            extensions=line,
        )

    def _played_whole(self, playback: Playback, body: bytes, line: dict[str, bytes]) -> Any:
        kept = self._kept_headers(playback.headers)
        response = self._whole(
            playback.status,
            headers=kept,
            stream=self._library.ByteStream(body),
            extensions=line,
        )
        response.headers.encoding = kept.encoding  # or each answer would look for it anew
        for name, value in playback.named:
            response.headers[name] = value
        response.headers["content-length"] = str(len(body))
        response.whole = body
        return response

    def taped(self, response: Any, recorder: Recorder) -> Any:
        """The live response, with a recorder listening."""
        recorder.head(response.status_code, decoded(response.headers.raw).items())
        if isinstance(response.stream, self._library.ByteStream):
            recorder.chunk(b"".join(response.stream))
            recorder.finish()
        else:
            response.stream = self._taped(response.stream, recorder)
        return response


def error_of(library: ModuleType, kind: str, message: str) -> Exception:
    """The own error of httpx, or of the library beneath it, for a recorded failure."""
    name = {"connect": "ConnectError", "cut": "RemoteProtocolError"}.get(kind, "ReadTimeout")
    error: Exception = getattr(library, name)(message)
    return error


@functools.lru_cache(maxsize=64)
def status_line(status: int, version: bytes) -> dict[str, bytes]:
    """What transports add to a response: the rest of its first line."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return {"http_version": version, "reason_phrase": phrase.encode()}


def version(transport: object, url: str) -> bytes:
    """The version of HTTP that a transport would speak: HTTP/2 where it may, as providers can.

    Without TLS it would have to know beforehand that the server can
    (https://www.rfc-editor.org/rfc/rfc9113#section-3.3).
    """
    pool = getattr(transport, "_pool", None)
    if not getattr(pool, "_http2", False):
        return b"HTTP/1.1"
    certain = url.startswith("https:") or not getattr(pool, "_http1", True)
    return b"HTTP/2" if certain else b"HTTP/1.1"


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
            content: bytes = await super().aread()  # type: ignore[misc]  # mixed in
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


class PlayedStream:
    """A body, piece by piece, and then whatever ended it."""

    def __init__(self, playback: Playback, error: Callable[[str, str], Exception]) -> None:
        self._playback = playback
        self._error = error

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
            raise self._error("cut", f"peer closed connection ({reason})")
        if ending == "timeout":
            raise self._error("timeout", f"the read operation timed out ({reason})")

    def close(self) -> None:
        """The reader has had enough."""
        self._playback.close()

    async def aclose(self) -> None:
        """The reader has had enough."""
        self._playback.close()


class TapedStream:
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
