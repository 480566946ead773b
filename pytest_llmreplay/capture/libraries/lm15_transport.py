"""lm15, by itself and as DSPy has it within: its transports, which open sockets of their own.

https://github.com/stanfordnlp/dspy/tree/main/dspy/_vendor
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from types import ModuleType, SimpleNamespace
from typing import Any

from pytest_llmreplay.capture.active import anything_open
from pytest_llmreplay.capture.endings import closing
from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import answer_headers
from pytest_llmreplay.capture.tape import Playback, RawRequest, Recorder

from .httpx_answers import PlayedStream, TapedStream
from .httpx_client import AsyncShell, SyncShell

__all__ = ["call_sites", "patches"]


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patches rely on the inside of lm15."""
    return tuple(
        CallSite(owner=patch.owner, name=patch.name, parameters=("self", "request"))
        for patch in patches(library)
    )


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in the transports of lm15."""
    plain, waiting = library.StdlibTransport, library.StdlibAsyncTransport
    around = functools.partial(_around, _Seam(_SyncAnswers(library)))
    around_async = functools.partial(_around_async, _Seam(_AsyncAnswers(library)))
    return (
        Patch(owner=plain, name="stream", around=around),
        Patch(owner=waiting, name="_do_stream", around=around_async),
    )


def _around(seam: _Seam, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    @functools.wraps(original)
    def stream(transport: Any, request: Any) -> Any:
        if not anything_open():
            return original(transport, request)
        beneath = SimpleNamespace(handle_request=functools.partial(original, transport))
        return SyncShell(beneath, seam).handle_request(request)

    return stream


def _around_async(seam: _Seam, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    @functools.wraps(original)
    async def _do_stream(transport: Any, request: Any) -> Any:
        if not anything_open():
            return await original(transport, request)
        beneath = SimpleNamespace(handle_async_request=functools.partial(original, transport))
        return await AsyncShell(beneath, seam).handle_async_request(request)

    return _do_stream


class _Seam:
    """What the shells of httpx ask for, told of requests of lm15."""

    def __init__(self, answers: _Answers) -> None:
        self.answers = answers

    def raw(self, request: Any, url: str, content: bytes) -> RawRequest:
        """The request as a tape sees it."""
        return RawRequest(
            method=request.method,
            url=url,
            headers=lambda: {name.lower(): value for name, value in request.headers},
            content=content,
            library="lm15",
            patience=request.read_timeout,
        )

    def at_hand(self, request: Any) -> bytes:
        """The body, which is always bytes."""
        body: bytes = request.body
        return body


class _Answers:
    """Answers as they are played and as they come, for both kinds of transport."""

    def __init__(self, library: ModuleType) -> None:
        self._library = library

    def played(self, playback: Playback, _transport: object, _url: str) -> Any:
        """A response of lm15 with the recorded answer."""
        if playback.failure is not None:
            raise self._error(playback.failure.kind, playback.failure.message)
        return self._response(
            PlayedStream(playback, self._error),
            playback,
            status=playback.status,
            reason=_phrase(playback.status),
            headers=answer_headers(playback),
            http_version="HTTP/1.1",
        )

    def _response(self, stream: PlayedStream, playback: Playback, **line: Any) -> Any:
        raise NotImplementedError

    def _error(self, kind: str, message: str) -> Exception:
        name = {"connect": "ConnectError", "cut": "ReadError"}.get(kind, "ReadTimeout")
        error: Exception = getattr(self._library, name)(message)
        return error


class _SyncAnswers(_Answers):
    def _response(self, stream: PlayedStream, playback: Playback, **line: Any) -> Any:
        def release(_body_consumed: object) -> None:
            playback.close()

        return self._library.TransportResponse(chunks=iter(stream), release=release, **line)

    def taped(self, response: Any, recorder: Recorder) -> Any:
        """The live response, with a recorder listening."""
        release = response._release
        recorder.head(response.status, response.headers)

        def told(body_consumed: object) -> None:
            recorder.finish(closing())
            release(body_consumed)

        response._chunks = iter(TapedStream(response._chunks, recorder))
        response._release = told
        return response


class _AsyncAnswers(_Answers):
    def _response(self, stream: PlayedStream, playback: Playback, **line: Any) -> Any:
        async def release(_body_consumed: object) -> None:
            playback.close()

        chunks = aiter(stream)
        return self._library.AsyncTransportResponse(chunks=chunks, release=release, **line)

    def taped(self, response: Any, recorder: Recorder) -> Any:
        """The live response, with a recorder listening."""
        release = response._release
        recorder.head(response.status, response.headers)

        async def told(body_consumed: object) -> None:
            recorder.finish(closing())
            await release(body_consumed)

        response._chunks = aiter(TapedStream(response._chunks, recorder))
        response._release = told
        return response


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
