"""http.client, used directly or by urllib.request.

A request is known when its headers end, or, where a body is still to be sent, when the answer is
asked for; until then nothing goes out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from http.client import HTTPSConnection, RemoteDisconnected
from types import ModuleType
from typing import Any

from pytest_llmreplay.capture.active import anything_open
from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import Live, is_routed, settled, tape_for
from pytest_llmreplay.capture.tape import FailureKind, Playback, RawRequest, Recorder, Settled, Tape

from .bodies import read_body
from .stdlib_answers import played_response, taped_response

__all__ = ["call_sites", "patches"]


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patches rely on the inside of http.client."""
    own = library.HTTPConnection
    body, data, me = ("self", "message_body"), ("self", "data"), ("self",)
    return (
        CallSite(owner=own, name="endheaders", parameters=body, caller="_send_request"),
        CallSite(owner=own, name="send", parameters=data, caller="_send_output"),
        CallSite(owner=own, name="getresponse", parameters=me),
        CallSite(owner=own, name="close", parameters=me),
    )


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in http.client."""
    seam = _Seam()
    return tuple(
        Patch(owner=library.HTTPConnection, name=name, around=getattr(seam, f"around_{name}"))
        for name in ("endheaders", "send", "getresponse", "close")
    )


class _Seam:
    """The four methods of a connection that are replaced, and what stood there."""

    endheaders: Callable[..., None]
    send: Callable[..., None]
    getresponse: Callable[..., Any]

    def around_endheaders(self, original: Callable[..., None]) -> Callable[..., None]:
        """Ask the tape if the request is whole now."""
        self.endheaders = original

        @functools.wraps(original)
        def endheaders(connection: Any, message_body: Any = None, **options: Any) -> None:
            vars(connection).pop("llmreplay_call", None)
            call = self._begin(connection)
            if call is None:
                original(connection, message_body, **options)
                return
            connection.llmreplay_call = call
            call.options = options
            if message_body is not None or not call.head.announces_body:
                call.parts.append(None if message_body is None else read_body(message_body))
                call.go()

        return endheaders

    def around_send(self, original: Callable[..., None]) -> Callable[..., None]:
        """Hold back what belongs to a request that is not whole."""
        self.send = original

        @functools.wraps(original)
        def send(connection: Any, data: Any) -> None:
            call: _Call | None = getattr(connection, "llmreplay_call", None)
            if call is None or call.gone:
                original(connection, data)
            else:
                call.parts.append(read_body(data))

        return send

    def around_getresponse(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Ask the tape if it was not asked yet, then answer."""
        self.getresponse = original

        @functools.wraps(original)
        def getresponse(connection: Any, **options: Any) -> Any:
            call: _Call | None = getattr(connection, "llmreplay_call", None)
            if call is None:
                return original(connection, **options)
            if not call.gone:
                call.parts.insert(0, None)
                call.go()
            del connection.llmreplay_call
            return call.answer(options)

        return getresponse

    def around_close(self, original: Callable[..., None]) -> Callable[..., None]:
        """Forget a request that was never sent."""

        @functools.wraps(original)
        def close(connection: Any) -> None:
            if vars(connection).pop("llmreplay_call", None) is not None:
                connection._buffer.clear()
            original(connection)

        return close

    def _begin(self, connection: Any) -> _Call | None:
        if not anything_open() or is_routed():
            return None
        head = _Head(connection)
        tape = tape_for(head.method, head.url)
        return None if tape is None else _Call(self, tape, connection, head)


class _Call:
    """One call on a connection, from the end of its headers to its answer."""

    def __init__(self, seam: _Seam, tape: Tape, connection: Any, head: _Head) -> None:
        self.head = head
        self.options: dict[str, Any] = {}
        self.parts: list[bytes | None] = []
        self.gone = False
        self._seam = seam
        self._tape = tape
        self._connection = connection
        self._decision: Settled = None

    def go(self) -> None:
        """The request is whole: ask the tape, and send it if it says so."""
        self.gone = True
        limit = self._connection.timeout
        request = RawRequest(
            method=self.head.method,
            url=self.head.url,
            headers=self.head.headers,
            content=b"".join(part for part in self.parts if part),
            library="http.client",
            patience=limit if isinstance(limit, (int, float)) else None,
        )
        self._decision = settled(self._tape.route(request))
        if isinstance(self._decision, Playback):
            self._raise_if("connect")
        else:
            self._send(self._decision)

    def _send(self, recorder: Recorder | None) -> None:
        first, *others = self.parts
        with Live(recorder):
            self._seam.endheaders(self._connection, first, **self.options)
            for part in others:
                self._seam.send(self._connection, part)

    def answer(self, options: dict[str, Any]) -> Any:
        """The recorded answer, or the live one."""
        if isinstance(self._decision, Playback):
            self._forget()
            self._raise_if("cut", "timeout", "cancelled")
            return played_response(self._decision, self.head.method)
        with Live(self._decision):
            response = self._seam.getresponse(self._connection, **options)
        return response if self._decision is None else taped_response(response, self._decision)

    def _raise_if(self, *kinds: FailureKind) -> None:
        failure = self._decision.failure if isinstance(self._decision, Playback) else None
        if failure is not None and failure.kind in kinds:
            errors = {"connect": ConnectionRefusedError, "cut": RemoteDisconnected}
            raise errors.get(failure.kind, TimeoutError)(failure.message)

    def _forget(self) -> None:
        """Make the connection ready for the next request, as an answer does."""
        self._connection._buffer.clear()
        self._connection._HTTPConnection__state = "Idle"


class _Head:
    """Method, URL and headers that a connection holds ready to send."""

    def __init__(self, connection: Any) -> None:
        line, *lines = (part.decode("latin-1") for part in connection._buffer if part)
        self.method, target, _version = line.split(" ", 2)
        self.url = target if "://" in target else _origin(connection) + target
        self.headers: dict[str, str] = {}
        for text in lines:
            name, _, value = text.partition(":")
            self.headers[name.lower()] = value.strip()

    @property
    def announces_body(self) -> bool:
        """Whether the headers say that a body follows."""
        return self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers


def _origin(connection: Any) -> str:
    scheme = "https" if isinstance(connection, HTTPSConnection) else "http"
    tunnel = connection._tunnel_host
    host = tunnel or connection.host
    port = connection._tunnel_port if tunnel else connection.port
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port == connection.default_port else f"{scheme}://{host}:{port}"
