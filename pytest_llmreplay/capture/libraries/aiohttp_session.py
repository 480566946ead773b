"""aiohttp: `ClientSession._request`, through which every method of a session goes."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, Final

from pytest_llmreplay.capture.active import anything_open
from pytest_llmreplay.capture.endings import closing, ended_by
from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import Live, settled_async, tape_for
from pytest_llmreplay.capture.sockets import refuse_websocket
from pytest_llmreplay.capture.tape import Playback, RawRequest, Recorder

from .aiohttp_bodies import Bodies
from .aiohttp_played import Player

__all__ = ["call_sites", "patches"]

_PATIENCE: Final = 60.0
"""Seconds that a call which was recorded as cancelled waits to be cancelled again."""


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patch relies on the inside of aiohttp."""
    session, reader = library.ClientSession, library.StreamReader
    return (
        CallSite(
            owner=session,
            name="_request",
            parameters=("self", "method", "str_or_url"),
            caller="request",
        ),
        CallSite(owner=session, name="_build_url", parameters=("self", "str_or_url")),
        CallSite(owner=session, name="_prepare_headers", parameters=("self", "headers")),
        CallSite(owner=reader, name="_wait", parameters=("self", "func_name"), caller="readany"),
        CallSite(owner=reader, name="feed_data", parameters=("self", "data")),
        CallSite(owner=reader, name="feed_eof", parameters=("self",)),
        CallSite(owner=reader, name="set_exception", parameters=("self", "exc")),
    )


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in aiohttp."""
    seam = _Seam(library)
    return (Patch(owner=library.ClientSession, name="_request", around=seam.around),)


class _Seam:
    """Asks the tape before a session takes a connection."""

    def __init__(self, library: ModuleType) -> None:
        self._library = library
        self._player, self._bodies = Player(library), Bodies(library)

    def around(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Makes a `_request` that asks first."""

        @functools.wraps(original)
        async def _request(session: Any, method: str, str_or_url: Any, **options: Any) -> Any:
            url = _address(session, str_or_url, options)
            if url is not None and url.scheme in {"ws", "wss"}:
                refuse_websocket(url.host, url.port, "aiohttp")
            tape = None if url is None else tape_for(method.upper(), str(url))
            if tape is None:
                return await original(session, method, str_or_url, **options)
            content = await self._bodies.read(session, options)
            headers = session._prepare_headers(options.get("headers"))
            request = RawRequest(
                method=method.upper(),
                url=str(url),
                headers={name.lower(): value for name, value in headers.items()},
                content=content,
                library="aiohttp",
                patience=_patience(session, options),
            )
            decision = await settled_async(tape.route(request))
            checked = options.pop("raise_for_status", None)
            if isinstance(decision, Playback):
                await _be_cancelled(decision, session, options)
                response = self._player.play(decision, session, request, url)
            else:
                with Live(decision):
                    response = await original(
                        session, method, str_or_url, **options, raise_for_status=False
                    )
                if decision is not None:
                    self._tape(response, decision, session, options)
            await _raise_for_status(session, response, checked)
            return response

        return _request

    def _tape(
        self, response: Any, recorder: Recorder, session: Any, options: dict[str, Any]
    ) -> None:
        decoded = options.get("auto_decompress")
        if decoded is None:
            decoded = session.auto_decompress
        hidden = {"content-encoding"} if decoded else set()
        headers = [pair for pair in response.headers.items() if pair[0].lower() not in hidden]
        recorder.head(response.status, headers)
        reader = response.content
        if isinstance(reader, self._library.streams.EmptyStreamReader):
            recorder.finish()
            return
        for data in tuple(reader._buffer):
            recorder.chunk(bytes(data))
        if reader.is_eof():
            recorder.finish()
        else:
            reader.__class__ = self._taped_class(reader.__class__, recorder)

    def _taped_class(self, base: Any, recorder: Recorder) -> Any:
        """A class for one reader: readers have slots, so their class is where a name fits."""
        closed = self._library.ClientConnectionError

        class TapedReader(base):  # type: ignore[misc]  # aiohttp's, whichever version's
            __slots__ = ()

            def feed_data(self, data: bytes, *args: Any) -> Any:
                recorder.chunk(bytes(data))
                return super().feed_data(data, *args)

            def feed_eof(self) -> None:
                recorder.finish()
                super().feed_eof()

            def set_exception(self, exc: BaseException, *args: Any) -> None:
                # Releasing a response sets this very class and no subclass of it.
                recorder.finish(closing() if type(exc) is closed else ended_by(exc))
                super().set_exception(exc, *args)

            async def _wait(self, func_name: str) -> None:
                try:
                    await super()._wait(func_name)
                except TimeoutError as error:
                    recorder.finish(ended_by(error))
                    raise

        return TapedReader


def _address(session: Any, str_or_url: Any, options: dict[str, Any]) -> Any:
    """The URL that will be asked; none where there is nothing to look at, or aiohttp refuses."""
    if session.closed or not anything_open():
        return None
    try:
        url = session._build_url(str_or_url)
    except (AssertionError, TypeError, ValueError):
        return None
    params = options.get("params")
    return url.extend_query(params) if params else url


async def _be_cancelled(playback: Playback, session: Any, options: dict[str, Any]) -> None:
    """Wait, as the recorded call did, for the cancellation that ended it."""
    if playback.failure is None or playback.failure.kind != "cancelled":
        return
    limit = _limit("total", session, options)
    await asyncio.sleep(min(limit or _PATIENCE, _PATIENCE))


def _patience(session: Any, options: dict[str, Any]) -> float | None:
    """Seconds that the client waits for more of an answer at most."""
    limits = (_limit(name, session, options) for name in ("sock_read", "total"))
    return min(filter(None, limits), default=None)


def _limit(name: str, session: Any, options: dict[str, Any]) -> float | None:
    """A time limit of a call: its own, else that of its session."""
    asked = options.get("timeout")
    own = hasattr(asked, name) or isinstance(asked, (int, float))
    limits = asked if own else session.timeout
    limit: float | None = getattr(limits, name, limits)
    return limit


async def _raise_for_status(session: Any, response: Any, checked: Any) -> None:
    """As `_request` does at its end; it is done after the tape has seen the answer."""
    wanted = session.raise_for_status if checked is None else checked
    if callable(wanted):
        await wanted(response)
    elif wanted:
        response.raise_for_status()
