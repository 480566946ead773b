"""An answer of a tape as aiohttp's own response."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable, Iterator
from http.client import responses
from http.cookies import SimpleCookie
from types import ModuleType, SimpleNamespace
from typing import Any

from pytest_llmreplay.capture.arriving import Arriving
from pytest_llmreplay.capture.routing import answer_headers
from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.event import Failure

__all__ = ["Player"]

_NO_ANSWER = re.compile(r"(?P<status>\d{1,3}), message=(['\"])(?P<words>.*)\2, url=")
"""How `ClientResponseError` tells of what came and was no answer; clients that ask again after a
connection that broke do not ask again after it."""


class Player:
    """Makes played responses of one imported aiohttp."""

    def __init__(self, library: ModuleType) -> None:
        import multidict  # noqa: PLC0415  (aiohttp has imported it already)

        self._library = library
        self._multidict = multidict
        self._reader = type("PlayedReader", (_PlayedReader, library.StreamReader), {})

    def play(self, playback: Playback, session: Any, request: RawRequest, url: Any) -> Any:
        """A response that reads the body, or the error that came in its place."""
        library = self._library
        sent = self._read_only(request.headers)
        info = library.RequestInfo(url, request.method, sent, url)
        if playback.failure is not None:
            raise self._error(playback.failure, info)
        response = library.ClientResponse.__new__(library.ClientResponse)
        headers = self._read_only(answer_headers(playback))
        vars(response).update(
            method=request.method,
            status=playback.status,
            reason=responses.get(playback.status, ""),
            version=library.HttpVersion11,
            content=self._content(playback),
            _real_url=url,
            _url=url.with_fragment(None),
            _request_info=info,
            _headers=headers,
            _body=None,  # aiohttp 3.11 sets these two where it makes a response itself
            _history=(),
            _raw_headers=tuple((name.encode(), value.encode()) for name, value in headers.items()),
            _cache={},
            _traces=[],
            _timer=library.helpers.TimerNoop(),
            _loop=asyncio.get_running_loop(),
            _session=session,
            _resolve_charset=session._resolve_charset,
        )
        response.cookies = SimpleCookie()
        return response

    def _read_only(self, headers: Any) -> Any:
        return self._multidict.CIMultiDictProxy(self._multidict.CIMultiDict(headers))

    def _content(self, playback: Playback) -> Any:
        loop = asyncio.get_running_loop()
        unconnected = self._library.base_protocol.BaseProtocol(loop)
        reader = self._reader(unconnected, 2**16, loop=loop)
        chunks = playback.chunks
        reader.llmreplay_source = iter(chunks) if isinstance(chunks, tuple) else chunks
        reader.llmreplay_end = functools.partial(self._end, playback)
        return reader

    def _end(self, playback: Playback) -> Exception | None:
        if playback.ending == "cut":
            cut: Exception = self._library.ClientPayloadError("Response payload is not completed")
            return cut
        if playback.ending == "timeout":
            late: Exception = self._library.ServerTimeoutError(
                "Timeout on reading data from socket"
            )
            return late
        return None

    def _error(self, failure: Failure, info: Any) -> Exception:
        library, url, message = self._library, info.real_url, failure.message
        error: Exception
        if failure.kind == "connect":
            secure = url.scheme == "https"
            key = SimpleNamespace(host=url.host, port=url.port, is_ssl=secure, ssl=secure)
            error = library.ClientConnectorError(key, OSError(None, message))
        elif (answered := _NO_ANSWER.match(message)) is not None:
            status = int(answered["status"])
            kind = library.ClientResponseError if status else library.TooManyRedirects
            error = kind(info, (), status=status, message=answered["words"])
        elif failure.kind == "cut":
            error = library.ServerDisconnectedError(message)
        else:
            error = library.ServerTimeoutError(message)
        return error


class _PlayedReader:
    """Mixed into the library's reader: whoever would wait for the network gets the next piece."""

    llmreplay_source: Iterator[bytes] | Arriving
    llmreplay_end: Callable[[], Exception | None]

    async def _wait(self, _func_name: str) -> None:
        await self._next()

    async def wait_eof(self) -> None:
        while not self.is_eof():  # type: ignore[attr-defined]  # mixed in
            await self._next()

    def set_exception(self, *args: Any) -> None:
        # Releasing a response ends here; what was read to its end is left by nobody.
        if isinstance(self.llmreplay_source, Arriving):
            self.llmreplay_source.close()
        super().set_exception(*args)  # type: ignore[misc]  # mixed in

    async def _next(self) -> None:
        reader: Any = self
        source = self.llmreplay_source
        if isinstance(source, Arriving):
            piece = await source.anext_piece()
        else:
            piece = next(source, None)
        if piece is not None:
            reader.feed_data(piece)
        elif (end := self.llmreplay_end()) is None:
            reader.feed_eof()
        else:
            reader.set_exception(end)
            raise end
