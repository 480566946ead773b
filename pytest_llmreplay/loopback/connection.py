"""One client of a loopback server: HTTP/1.1 with keep-alive, on an asyncio transport."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakSet

from .body import Chunked, Sized
from .gate import Gate, Head
from .http2 import SETTINGS, is_begun, is_whole, refuse
from .outlet import ClientGone, LiveReply, Outlet
from .reply import Piece, Refused, Reply

__all__ = ["Connection", "HttpCall"]

_HEAD_LIMIT = 64 * 1024
_PATIENCE = 30.0  # seconds a client has for showing that it knows the address
_LINGER = 1.0  # seconds a refused client has for reading why

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """A request that the gate let in."""

    method: str
    path: str
    """Below the secret segment, without the query."""
    query: str = ""
    """Without the question mark."""
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def last(self) -> bool:
        """Whether the client wants no further call on this connection."""
        return self.headers.get("connection", "").lower() == "close"


class Connection(asyncio.Protocol):
    """Reads requests, has them answered one after the other, writes the answers in time."""

    def __init__(
        self,
        gate: Gate,
        respond: Callable[[HttpCall], Reply | LiveReply],
        others: set[Connection],
        live: WeakSet[threading.Thread],
    ) -> None:
        self._gate, self._respond, self._others, self._live = gate, respond, others, live
        self._buffer = bytearray()
        self._head: Head | None = None
        self._body: Chunked | Sized = Sized(0)
        self._path = self._query = ""
        self._outlet: Outlet | None = None
        self._busy = self._last = self._closing = self._eof = self._greeted = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._others.add(self)
        self._timer = self._loop.call_later(_PATIENCE, self.drop)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """The client has gone; what was still to be sent is dropped."""
        self._others.discard(self)
        self._wait_no_more()
        if self._outlet is not None:
            self._outlet.leave()

    def pause_writing(self) -> None:
        """The client reads slower than an answer comes."""
        if self._outlet is not None:
            self._outlet.hold(full=True)

    def resume_writing(self) -> None:
        """The client has read what was sent."""
        if self._outlet is not None:
            self._outlet.hold(full=False)

    def eof_received(self) -> bool:
        """The client sends no more; an answer under way is finished."""
        self._eof = True
        return self._busy

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._closing:
            return
        self._buffer += data
        self._advance()

    def drop(self) -> None:
        """Close at once, answer or not."""
        self._transport.abort()

    def _advance(self) -> None:
        try:
            while not (self._busy or self._closing) and (call := self._next_call()) is not None:
                self._begin(self._answer(call), last=call.last)
        except Refused as refused:
            self._refuse(refused.data)
        if self._eof and not (self._busy or self._closing):
            self._closing = True
            self._transport.close()

    def _next_call(self) -> HttpCall | None:
        if self._head is None:
            self._head = self._next_head()
        head = self._head
        if head is None or (body := self._body.take(self._buffer)) is None:
            return None
        self._head = None
        self._gate.check(head, body)
        return HttpCall(
            method=head.method,
            path=self._path,
            query=self._query,
            headers=head.headers,
            body=body,
        )

    def _next_head(self) -> Head | None:
        end = self._buffer.find(b"\r\n\r\n")
        if is_begun(self._buffer):
            self._refuse_http2()
            end = -1
        if end < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise Refused(431, "The headers are too long.")
            return None
        head = Head.parse(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        self._path, self._query = self._gate.path(head)
        self._body = head.body()
        self._wait_no_more()
        if head.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return head

    def _refuse_http2(self) -> None:
        if is_whole(self._buffer) and not self._greeted:
            self._greeted = True
            self._transport.write(SETTINGS)
        refuse(self._buffer)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _answer(self, call: HttpCall) -> Reply | LiveReply:
        try:
            return self._respond(call)
        except Exception:  # noqa: BLE001  # whatever it was, the client must not wait for ever
            _log.exception("loopback server failed on %s %s", call.method, call.path)
            message = "The loopback server failed; see its log."
            return Reply.plain({"error": {"type": "server_error", "message": message}}, status=500)

    def _begin(self, reply: Reply | LiveReply, *, last: bool) -> None:
        self._busy = True
        if isinstance(reply, Reply):
            self._send(reply, last=last)
            return
        self._last = last
        outlet = self._outlet = Outlet(self._loop, self._transport, self._ended)
        thread = threading.Thread(
            target=_run, args=(reply, outlet), name="llmreplay-answer", daemon=True
        )
        self._live.add(thread)
        thread.start()

    def _ended(self, whole: bool) -> None:  # noqa: FBT001  # a callback
        """A live answer has ended; the next call may be waiting."""
        self._outlet = None
        self._last = self._last or not whole
        self._finish()
        self._advance()

    def _send(self, reply: Reply, *, last: bool) -> None:
        self._last = last or reply.cut is not None
        self._started = self._loop.time()
        self._continue(iter(reply.framed()), [])

    def _continue(self, rest: Iterator[Piece], due: list[bytes]) -> None:
        """Write what is due, and come back for the next piece when its time has come."""
        now = self._loop.time() - self._started
        for piece in rest:
            if piece.after > now:
                self._write(due)
                due_at = self._started + piece.after
                self._timer = self._loop.call_at(due_at, self._resume, rest, piece.data)
                return
            due.append(piece.data)
        self._write(due)
        self._finish()

    def _resume(self, rest: Iterator[Piece], data: bytes) -> None:
        self._timer = None
        self._continue(rest, [data])
        self._advance()

    def _write(self, due: list[bytes]) -> None:
        if due:
            self._transport.write(b"".join(due))

    def _finish(self) -> None:
        self._busy = False
        if self._last:
            self._closing = True
            self._transport.close()

    def _refuse(self, data: bytes) -> None:
        # Closing with bytes unread resets the connection, and the client would never see why.
        self._closing = True
        self._wait_no_more()
        self._transport.write(data)
        self._transport.write_eof()
        self._timer = self._loop.call_later(_LINGER, self._transport.close)


def _run(reply: LiveReply, outlet: Outlet) -> None:
    whole = False
    try:
        reply.run(outlet)
        whole = True
    except ClientGone:
        pass
    except Exception:  # noqa: BLE001  # whatever it was, the client must not wait for ever
        _log.exception("loopback server failed while an answer came")
    finally:
        with suppress(ClientGone):
            outlet.end(whole=whole)
