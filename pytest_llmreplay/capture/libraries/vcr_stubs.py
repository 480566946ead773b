"""What the seams of httplib2 and of tornado share: vcrpy's stubs for these libraries.

The stubs buffer whole answers, so there is no time to first chunk here. Only vcrpy's stubs are
used, not its patchers: those would take turns with ours.
"""

from __future__ import annotations

import http.client
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any

from pytest_llmreplay.capture.endings import failure_kind, words_of
from pytest_llmreplay.capture.routing import answer_headers, settled
from pytest_llmreplay.capture.tape import Playback, RawRequest, Settled, Tape

from .bodies import read_body

__all__ = ["StubbedCall", "recorded_error", "route"]


class StubbedCall:
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
            self._decision.fail(failure_kind(self.error), words_of(self.error))
            return
        headers = response["headers"]
        pairs = headers.items() if isinstance(headers, dict) else headers
        flat = [(name, value) for name, values in pairs for value in values]
        self._decision.head(response["status"]["code"], flat)
        self._decision.chunk(response["body"]["string"] or b"")
        self._decision.finish()


def route(tape: Tape, request: Any, library: str) -> Settled:
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


def recorded_error(playback: Playback) -> Exception | None:
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
