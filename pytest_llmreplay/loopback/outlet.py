"""Answers that come bit by bit: made on a thread of their own, sent as they come."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .reply import LAST_CHUNK, framed, head_of

__all__ = ["ClientGone", "LiveReply", "Outlet"]


class ClientGone(Exception):
    """The client of the call has closed its connection, or the server has stopped."""


class Outlet:
    """Where such an answer goes; its methods may be called from any thread but the server's.

    Args:
        loop: The server's.
        transport: The client.
        done: Called on the server's thread when the answer has ended; told whether it was whole.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        done: Callable[[bool], None],
    ) -> None:
        self._loop, self._transport, self._done = loop, transport, done
        self._room = threading.Event()
        self._room.set()
        self._lock = threading.Lock()
        self._gone = self._chunked = False
        self._ended = False
        self._whenever_gone: Callable[[], None] | None = None
        self.begun = False

    @property
    def gone(self) -> bool:
        """Whether the client has closed its connection."""
        return self._gone

    def head(
        self,
        status: int,
        headers: Iterable[tuple[str, str]],
        *,
        encoding: str = "",
        length: int | None = None,
    ) -> None:
        """Send the status line and the headers.

        Args:
            status: Of HTTP.
            headers: Those that describe the framing are left out.
            encoding: `content-encoding` of the bytes that follow.
            length: How many follow; where that is not known they are sent in chunks.
        """
        self.begun, self._chunked = True, length is None
        coded = (f"content-encoding: {encoding}",) if encoding.isprintable() and encoding else ()
        framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
        self._send(head_of(status, headers, *coded, framing))

    def data(self, data: bytes) -> None:
        """Send bytes, as one chunk where there are chunks; waits while the client is slow to read.

        Raises:
            ClientGone: Nobody is there to read them.
        """
        if data:
            self._send(framed(data) if self._chunked else data)

    def end(self, *, whole: bool = True) -> None:
        """The answer has ended: as it should, or broken off, which closes the connection."""
        if self._ended:
            return
        self._ended = True
        self._on_loop(self._finish, whole)

    def when_gone(self, action: Callable[[], None]) -> None:
        """Do this once, from the server's thread, if the client leaves before the end."""
        with self._lock:
            self._whenever_gone = action
            gone = self._gone
        if gone:
            action()

    def leave(self) -> None:
        """The client is gone; called by its connection."""
        with self._lock:
            self._gone = True
            action = self._whenever_gone
        self._room.set()
        if action is not None and not self._ended:
            action()

    def hold(self, *, full: bool) -> None:
        """Whether the client reads slower than bytes come; called by its connection."""
        if full:
            self._room.clear()
        else:
            self._room.set()

    def _send(self, data: bytes) -> None:
        self._room.wait()
        if self._gone:
            raise ClientGone
        self._on_loop(self._transport.write, data)

    def _finish(self, whole: bool) -> None:  # noqa: FBT001  # a callback of the loop
        if whole and self._chunked and not self._gone:
            self._transport.write(LAST_CHUNK)
        self._done(whole)

    def _on_loop(self, act: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(act, *arguments)
        except RuntimeError as error:  # the server has stopped, and its loop is closed
            self._gone = True
            raise ClientGone from error


@dataclass(frozen=True, slots=True)
class LiveReply:
    """An answer that is still to come.

    Args:
        run: Makes it, on a thread of its own; ends the outlet whatever happens.
    """

    run: Callable[[Outlet], None]
