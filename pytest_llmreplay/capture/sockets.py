"""The tripwire: a connection to an LLM host that no seam made, while the tape here is offline.

A WebSocket trips it while the tape records, too: what came of it could not be played.

It sees what goes through Python's `socket` and asyncio's own event loops. It does not see event
loops and resolvers in C (uvloop, aiodns), child processes, a proxy that is told the host later, or
a connection that was open before.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final, NamedTuple, TypeAlias

from .active import possible_tapes
from .patching import Patch, Patches
from .routing import is_routed
from .tape import Tape

__all__ = ["IsLlmHost", "Tripwire", "refuse_websocket", "tripwire", "unwatch", "watch"]

IsLlmHost: TypeAlias = Callable[[str, int | None], bool]
"""Whether a host name or address, with its port, belongs to LLM calls alone."""


class Tripwire(NamedTuple):
    """What decides about a connection, as `watch` was given it."""

    is_llm_host: IsLlmHost
    offline: Callable[[Tape], bool]
    failure: Callable[[str], BaseException]


class _InForce:
    wire: Tripwire | None = None


_patches: Final = Patches()
_WEBSOCKETS: Final = frozenset({"websocket", "websockets"})
"""Libraries that connect for nothing else."""
_UPON_HTTPX: Final = "httpx_ws"
"""One that has httpx connect."""
_THREAD_POOL: Final = frozenset({"asyncio.base_events", "concurrent.futures.thread"})


def watch(
    is_llm_host: IsLlmHost,
    *,
    offline: Callable[[Tape], bool],
    failure: Callable[[str], BaseException],
) -> None:
    """Fail connections to LLM hosts that no seam routed, until `unwatch`.

    Args:
        is_llm_host: Tells the hosts to guard; told names as they are looked up, addresses as
            they are connected to.
        offline: Whether nothing may reach a provider while this tape is the one asked.
        failure: Makes the exception from the message; a BaseException, because SDKs swallow
            and retry others.
    """
    unwatch()
    _InForce.wire = Tripwire(is_llm_host, offline, failure)
    wire = _Watch(_InForce.wire)
    loop = asyncio.BaseEventLoop
    _patches.apply(
        [
            Patch(owner=socket, name="getaddrinfo", around=wire.around_lookup),
            Patch(owner=socket.socket, name="connect", around=wire.around_connect),
            Patch(owner=socket.socket, name="connect_ex", around=wire.around_connect),
            Patch(owner=loop, name="getaddrinfo", around=wire.around_async_lookup),
        ]
    )


def unwatch() -> None:
    """Take the tripwire away."""
    _patches.restore()
    _InForce.wire = None


def tripwire() -> Tripwire | None:
    """The one in force."""
    return _InForce.wire


def refuse_websocket(host: str, port: int | None, library: str) -> None:
    """Fail a WebSocket that is about to be opened to an LLM host under a tape."""
    wire = _InForce.wire
    if wire is not None and wire.is_llm_host(host, port):
        tapes = possible_tapes()
        if any(not getattr(tape, "lets_pass", False) for tape in tapes):
            raise wire.failure(_websocket(_place(host, port), library))


class _Watch:
    def __init__(self, wire: Tripwire) -> None:
        self._wire = wire

    def around_lookup(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Look at a name before it is looked up; asyncio's were looked at in their own task."""

        @functools.wraps(original)
        def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
            caller = sys._getframe(1).f_globals.get("__name__")
            if caller not in _THREAD_POOL:
                self._look(host, port)
            return original(host, port, *args, **options)

        return getaddrinfo

    def around_async_lookup(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Look at a name in the task that wants it, before a thread looks it up."""

        @functools.wraps(original)
        async def getaddrinfo(loop: Any, host: Any, port: Any, **options: Any) -> Any:
            self._look(host, port)
            return await original(loop, host, port, **options)

        return getaddrinfo

    def around_connect(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Look at an address before it is connected to."""

        @functools.wraps(original)
        def connect(connection: socket.socket, address: Any) -> Any:
            if isinstance(address, tuple):
                self._look(address[0], address[1])
            return original(connection, address)

        return connect

    def _look(self, host: Any, port: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        number = port if isinstance(port, int) else None
        if not isinstance(name, str) or is_routed() or not self._wire.is_llm_host(name, number):
            return
        if (library := _websocket_library()) is not None:
            refuse_websocket(name, number, library)
        if any(map(self._wire.offline, possible_tapes())):
            raise self._wire.failure(_message(_place(name, number)))


def _place(host: str, port: int | None) -> str:
    return host if port is None else f"{host}:{port}"


def _websocket(place: str, library: str) -> str:
    return (
        f"WebSocket to {place}: it can neither be recorded nor played, and {library} opens it to "
        "an LLM host. Ask the same by HTTP, let the test go live by "
        '@pytest.mark.llm_cassette(mode="live"), or give the client a server of your own.'
    )


def _message(place: str) -> str:
    frame = next(_outside_python(sys._getframe(2)), None)
    library, line = _described(frame)
    return (
        f"Connection to {place} past the capture: {library} is about to reach an LLM host while "
        f"no call may go there{line}. Its calls are not intercepted. Use a client that is "
        "(httpx, httpx2, requests, urllib3, aiohttp, botocore, urllib), or point it at the "
        "`llm_server` fixture."
    )


def _websocket_library() -> str | None:
    """Who connects to open a WebSocket; none for any other connection."""
    packages = [_package(frame) for frame in _outside_python(sys._getframe(2))]
    if _UPON_HTTPX in packages:
        return _UPON_HTTPX
    return packages[0] if packages and packages[0] in _WEBSOCKETS else None


def _described(frame: FrameType | None) -> tuple[str, str]:
    if frame is None:
        return "the standard library", ""
    return _package(frame) or "unknown code", f" ({frame.f_code.co_filename}:{frame.f_lineno})"


def _package(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]


def _outside_python(frame: FrameType | None) -> Iterator[FrameType]:
    """Frames from the connection outwards that are neither ours nor Python's own."""
    while frame is not None:
        package = _package(frame)
        if package != "pytest_llmreplay" and package not in sys.stdlib_module_names:
            yield frame
        frame = frame.f_back
