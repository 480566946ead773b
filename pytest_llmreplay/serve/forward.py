"""A live call: passed on to its upstream, the answer passed back as it comes, and recorded."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead

from pytest_llmreplay.capture.endings import words_of
from pytest_llmreplay.capture.routing import Live
from pytest_llmreplay.capture.tape import RawRequest, Recorder
from pytest_llmreplay.loopback import ClientGone, Outlet
from pytest_llmreplay.loopback.reply import Reply
from pytest_llmreplay.replay.sending.bounds import AnswerRefused, Limits, Meter

from .addresses import AddressRefused
from .answers import REDIRECTS, Shown, passed_on, redirected, refused
from .upstream import AUTH_HEADERS, TIMEOUT, Upstream, open_connection

__all__ = ["Forward"]

_log = logging.getLogger(__name__)

_PIECE = 64 * 1024
_KEPT_BACK = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)


class ConnectError(OSError):
    """The upstream cannot be reached; named so that it is recorded as that."""


class Forward:
    """One live call.

    Args:
        upstream: Where it goes.
        request: As the caller made it, with the URL at the upstream.
        recorder: Takes it down; none where it is not recorded.
        shown: The upstream, as the caller sees it.
    """

    def __init__(
        self, upstream: Upstream, request: RawRequest, recorder: Recorder | None, shown: Shown
    ) -> None:
        self._upstream, self._request, self._recorder = upstream, request, recorder
        self._shown = shown
        self._path = request.url.removeprefix(upstream.origin)

    def __call__(self, outlet: Outlet) -> None:
        """Make the call; where no answer comes the connection is closed, as in playback.

        Raises:
            ClientGone: The caller did not wait for the end.
        """
        try:
            with Live(self._recorder):
                response, close = self._asked(outlet)
        except AddressRefused as error:
            _send(outlet, refused(self._path, 403, str(error)))
        except (OSError, HTTPException) as error:
            if not outlet.gone:
                _log.warning("%s gave no answer: %r", self._upstream.provider, error)
            outlet.end(whole=False)
        else:
            try:
                self._answer(outlet, response)
            finally:
                close()

    def _asked(self, outlet: Outlet) -> tuple[HTTPResponse, Callable[[], None]]:
        """The head of the answer, and what ends the connection."""
        self._started = time.perf_counter()
        connection = self._opened()
        sock = connection.sock
        outlet.when_gone(lambda: _shut(sock))
        try:
            return self._head(connection), connection.close
        except BaseException:
            connection.close()
            raise

    def _opened(self) -> HTTPConnection:
        try:
            return open_connection(self._upstream)
        except AddressRefused:
            if self._recorder is not None:
                self._recorder.forget()
            raise
        except OSError as error:
            raise ConnectError(words_of(error)) from error

    def _head(self, connection: HTTPConnection) -> HTTPResponse:
        request = self._request
        connection.putrequest(request.method, self._path, skip_accept_encoding=True)
        for name, value in self._headers().items():
            connection.putheader(name, value)
        connection.endheaders(request.content or None)
        return connection.getresponse()

    def _headers(self) -> Mapping[str, str]:
        """What of the caller's headers travels; a key never over a wire that others read."""
        request = self._request
        left = _KEPT_BACK | (set(AUTH_HEADERS) if self._upstream.in_clear else set())
        named = request.headers.get("connection", "").lower().split(",")
        left |= {name.strip() for name in named}
        headers = {name: value for name, value in request.headers.items() if name not in left}
        headers |= {"accept-encoding": "identity", "connection": "close"}
        if request.method != "GET":
            headers["content-length"] = str(len(request.content))
        return headers

    def _answer(self, outlet: Outlet, response: HTTPResponse) -> None:
        headers = tuple(response.getheaders())
        if self._recorder is not None:
            self._recorder.head(response.status, headers)
        if response.status in REDIRECTS:
            self._finish("complete")
            _send(outlet, redirected(self._path))
            return
        coded = response.getheader("content-encoding", "").lower()
        try:
            told = passed_on(headers, self._shown)
            outlet.head(response.status, told, encoding=coded, length=response.length)
            self._pass(outlet, response, coded)
        except ClientGone:
            self._finish("left")
            raise

    def _pass(self, outlet: Outlet, response: HTTPResponse, coded: str) -> None:
        """Every piece as it comes; the call is kept before its caller sees the end."""
        lines = response.getheader("content-type", "").startswith("text/event-stream")
        try:
            meter = Meter(Limits(), self._started, encoding=coded, lines=lines)
            while data := self._piece(response):
                meter.take(data)
                meter.chunks.clear()
                if self._recorder is not None:
                    self._recorder.chunk(data)
                if response.length == 0:
                    self._finish("complete")
                outlet.data(data)
            if response.length:
                raise IncompleteRead(b"", response.length)
        except TimeoutError:
            self._finish("timeout")
            outlet.end(whole=False)
        except (OSError, HTTPException, AnswerRefused):
            self._finish("left" if outlet.gone else "cut")
            outlet.end(whole=False)
        else:
            self._finish("complete")

    def _piece(self, response: HTTPResponse) -> bytes:
        if time.perf_counter() - self._started > TIMEOUT:
            raise TimeoutError
        return response.read1(_PIECE)

    def _finish(self, ended: str) -> None:
        if self._recorder is not None:
            self._recorder.finish(ended)  # type: ignore[arg-type]  # words of `Ended`


def _send(outlet: Outlet, reply: Reply) -> None:
    outlet.head(reply.status, reply.headers, length=len(reply.body))
    outlet.data(reply.body)


def _shut(sock: socket.socket | None) -> None:
    """Wake whoever waits for bytes of this connection."""
    with suppress(OSError):
        if sock is not None:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # that of TLS is not for other threads
