"""httplib2 and tornado, through vcrpy's stubs for them; vcrpy is imported when one of them is.

The stubs buffer whole answers, so there is no time to first chunk here, and streams of tornado are
refused. Only vcrpy's stubs are used, not its patchers: those would take turns with ours. While a
stub of httplib2 connects, vcrpy puts the real classes of httplib2 back for the whole process; a
call of httplib2 that starts in another thread just then is left to the tripwire (`sockets`).
"""

from __future__ import annotations

import functools
import http.client
from collections.abc import Callable
from http.client import IncompleteRead, RemoteDisconnected
from types import ModuleType
from typing import Any, Final

from .active import refusal
from .bodies import read_body
from .endings import failure_kind
from .patching import CallSite, Patch
from .routing import Live, answer_headers, settled, tape_for
from .tape import Playback, RawRequest, Settled, Tape

__all__ = [
    "httplib2_patches",
    "no_call_sites",
    "tornado_call_sites",
    "tornado_patches",
]


_NO_ANSWER: Final = 599
"""The status that tornado makes up."""


def no_call_sites(_library: ModuleType) -> tuple[CallSite, ...]:
    """None: vcrpy answers for the inside of the library."""
    return ()


def tornado_call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patch relies on the inside of tornado."""
    owner = library.SimpleAsyncHTTPClient
    parameters = ("self", "request", "callback")
    return (CallSite(owner=owner, name="fetch_impl", parameters=parameters, caller="fetch"),)


class _Call:
    """The cassette of vcrpy's stubs: holds one call."""

    _path = "pytest-llmreplay"
    write_protected = False

    def __init__(self, decision: Settled) -> None:
        self.error: BaseException | None = None
        self._decision = decision

    def can_play_response_for(self, _request: Any) -> bool:
        """Whether the tape has decided to play."""
        return isinstance(self._decision, Playback)

    def play_response(self, _request: Any) -> dict[str, Any]:
        """The recorded answer as vcrpy writes it."""
        assert isinstance(self._decision, Playback)
        headers: dict[str, list[str]] = {}
        for name, value in answer_headers(self._decision):
            headers.setdefault(name, []).append(value)
        status = self._decision.status
        return {
            "status": {"code": status, "message": http.client.responses.get(status, "")},
            "headers": headers,
            "body": {"string": b"".join(self._decision.chunks)},
        }

    def append(self, _request: Any, response: dict[str, Any]) -> None:
        """A live answer, whole."""
        if self._decision is None:
            return
        assert not isinstance(self._decision, Playback)
        if self.error is not None:
            self._decision.fail(failure_kind(self.error), str(self.error))
            return
        headers = response["headers"]
        pairs = headers.items() if isinstance(headers, dict) else headers
        flat = [(name, value) for name, values in pairs for value in values]
        self._decision.head(response["status"]["code"], flat)
        self._decision.chunk(response["body"]["string"] or b"")
        self._decision.finish()


def _route(tape: Tape, request: Any, library: str) -> Settled:
    """The decision for a request of vcrpy's kind."""
    raw = RawRequest(
        method=request.method,
        url=request.uri,
        headers={name.lower(): _text(value) for name, value in request.headers.items()},
        content=read_body(request.body),
        library=library,
    )
    return settled(tape.route(raw))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _error(playback: Playback) -> Exception | None:
    """What the recorded call ended with, where that was no whole answer."""
    kind = playback.failure.kind if playback.failure is not None else playback.ended
    message = playback.failure.message if playback.failure is not None else "as recorded"
    if kind == "connect":
        return ConnectionRefusedError(message)
    if kind == "cut":
        partial = b"".join(playback.chunks)
        return IncompleteRead(partial) if playback.failure is None else RemoteDisconnected(message)
    late = kind == "timeout" or playback.failure is not None
    return TimeoutError(message) if late else None


def httplib2_patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in httplib2: the classes of its connections."""
    from vcr.stubs import httplib2_stubs as stubs  # noqa: PLC0415

    plain = _connection(stubs.VCRHTTPConnectionWithTimeout)
    secure = _connection(stubs.VCRHTTPSConnectionWithTimeout)
    schemes = {"http": plain, "https": secure}
    return (
        Patch(owner=library, name="HTTPConnectionWithTimeout", around=lambda _original: plain),
        Patch(owner=library, name="HTTPSConnectionWithTimeout", around=lambda _original: secure),
        Patch(owner=library, name="SCHEME_TO_CONNECTION", around=lambda _original: schemes),
    )


def _connection(stub: Any) -> Any:
    return type(stub.__name__, (_Connection, stub), {"cassette": _Call(None)})


class _Connection:
    """Mixed into vcrpy's stub of a connection: asks the tape before the stub answers."""

    cassette: _Call
    _vcr_request: Any

    def connect(self, *_args: Any, **_options: Any) -> None:
        """Not before it is known that the call goes out; sending connects."""

    def getresponse(self, *args: Any, **options: Any) -> Any:
        request = self._vcr_request
        tape = tape_for(request.method, request.uri)
        decision = None if tape is None else _route(tape, request, "httplib2")
        error = _error(decision) if isinstance(decision, Playback) else None
        if error is not None:
            raise error
        vars(self)["cassette"] = _Call(decision)
        answer: Callable[..., Any] = super().getresponse  # type: ignore[misc]
        if tape is None or isinstance(decision, Playback):
            return answer(*args, **options)
        with Live(decision):
            return answer(*args, **options)


def tornado_patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in tornado."""
    owner = library.SimpleAsyncHTTPClient
    around = functools.partial(_around_fetch_impl, library)
    return (Patch(owner=owner, name="fetch_impl", around=around),)


def _around_fetch_impl(library: Any, original: Callable[..., None]) -> Callable[..., None]:
    from vcr.stubs import tornado_stubs as stubs  # noqa: PLC0415

    @functools.wraps(original)
    def fetch_impl(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
        tape = tape_for(request.method, request.url)
        if tape is None:
            original(client, request, callback)
            return
        _refuse_streams(request)
        decision = _route(tape, _vcr_request(request), "tornado")
        error = _tornado_error(library, decision)
        if error is not None:
            callback(library.HTTPResponse(request, _NO_ANSWER, error=error))
            return
        call = _Call(decision)
        stub: Callable[..., None] = stubs.vcr_fetch_impl(call, _noting_errors(original, call))
        stub(client, request, callback)

    return fetch_impl


def _vcr_request(request: Any) -> Any:
    from vcr.request import Request  # noqa: PLC0415

    return Request(request.method, request.url, request.body, dict(request.headers))


def _refuse_streams(request: Any) -> None:
    for name in ("streaming_callback", "header_callback", "body_producer"):
        if getattr(request, name, None) is not None:
            raise refusal(
                f"tornado with {name!r} cannot be recorded or played back ({request.url}): only "
                "whole answers can. Fetch without it, use another client, or point the call at "
                "the `llm_server` fixture."
            )


def _noting_errors(original: Callable[..., None], call: _Call) -> Callable[..., None]:
    """`fetch_impl` that keeps why no answer came, which tornado calls a 599."""

    @functools.wraps(original)
    def fetch_impl(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
        def finished(response: Any) -> None:
            call.error = response.error if response.code == _NO_ANSWER else None
            callback(response)

        original(client, request, finished)

    return fetch_impl


def _tornado_error(library: Any, decision: Settled) -> Exception | None:
    error = _error(decision) if isinstance(decision, Playback) else None
    if isinstance(error, TimeoutError):
        late: Exception = library.HTTPTimeoutError(str(error))
        return late
    if isinstance(error, (IncompleteRead, RemoteDisconnected)):
        cut: Exception = library.HTTPStreamClosedError(str(error))
        return cut
    return error
