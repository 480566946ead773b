"""httpx and httpx2: a transport of ours around the one that a client picks for a URL.

`_transport_for_url` stands above mounts, proxies and transports of the user's own, and below
authentication, redirects and event hooks; the SDKs' clients inherit it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from pytest_llmreplay.capture.active import anything_open
from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import Live, settled, settled_async, tape_for
from pytest_llmreplay.capture.tape import Playback, RawRequest, Recorder

from .httpx_answers import Answers
from .httpx_headers import decoded

__all__ = ["AsyncShell", "SyncShell", "call_sites", "patches"]

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
        Patch(owner=library.Client, name="_transport_for_url", around=seam.around(SyncShell)),
        Patch(owner=library.AsyncClient, name="_transport_for_url", around=seam.around(AsyncShell)),
    )


class _Seam:
    """What the two shells share, bound to the library that the client came from."""

    def __init__(self, library: ModuleType) -> None:
        self.name = library.__name__
        self.library = library
        self.in_process = (library.MockTransport, library.ASGITransport, library.WSGITransport)
        self.answers = Answers(library)

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
            headers=lambda: decoded(request.headers.raw),
            content=content,
            library=self.name,
            patience=request.extensions.get("timeout", {}).get("read"),
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


def _mocked(sender: object) -> bool:
    """Whether a mocking library has replaced the method that would send."""
    send = getattr(sender, "handle_request", None) or getattr(sender, "handle_async_request", None)
    module = getattr(send, "__module__", None) or ""
    return module.partition(".")[0] in _MOCKS


class SyncShell:
    """Asks the tape before a transport sends."""

    __slots__ = ("_seam", "_transport")

    def __init__(self, transport: Any, seam: Any) -> None:
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
            return seam.answers.played(decision, self._transport, url)
        return self._live(request, decision)

    def _live(self, request: Any, recorder: Recorder | None) -> Any:
        with Live(recorder):
            response = self._transport.handle_request(request)
        return response if recorder is None else self._seam.answers.taped(response, recorder)


class AsyncShell:
    """Asks the tape before an asynchronous transport sends."""

    __slots__ = ("_seam", "_transport")

    def __init__(self, transport: Any, seam: Any) -> None:
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
        raw = seam.raw(request, url, content)
        decision = await settled_async(tape.route(raw))
        if isinstance(decision, Playback):
            if decision.failure is not None and decision.failure.kind == "cancelled":
                await _be_cancelled(raw.patience)
            return seam.answers.played(decision, self._transport, url)
        return await self._live(request, decision)

    async def _live(self, request: Any, recorder: Recorder | None) -> Any:
        with Live(recorder):
            response = await self._transport.handle_async_request(request)
        return response if recorder is None else self._seam.answers.taped(response, recorder)


async def _be_cancelled(patience: float | None) -> None:
    """Wait, as the recorded call did, for the cancellation that ended it."""
    import anyio  # noqa: PLC0415  (httpx depends on it; needed in this one case)

    await anyio.sleep(min(patience or _PATIENCE, _PATIENCE))
