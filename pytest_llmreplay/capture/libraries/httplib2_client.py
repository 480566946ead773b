"""The seam of httplib2, through vcrpy's stubs; vcrpy is imported when httplib2 is.

While a stub connects, vcrpy puts the real classes of httplib2 back for the whole process; a call
that starts in another thread just then is left to the tripwire (`sockets`).
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import Live, tape_for
from pytest_llmreplay.capture.tape import Playback

from .vcr_stubs import StubbedCall, recorded_error, route

__all__ = ["call_sites", "patches"]


def call_sites(_library: ModuleType) -> tuple[CallSite, ...]:
    """None: vcrpy answers for the inside of the library."""
    return ()


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in httplib2: the classes of its connections."""
    from vcr.stubs import httplib2_stubs as stubs  # noqa: PLC0415 - loads vcr

    plain = _connection(stubs.VCRHTTPConnectionWithTimeout)
    secure = _connection(stubs.VCRHTTPSConnectionWithTimeout)
    schemes = {"http": plain, "https": secure}
    return (
        Patch(owner=library, name="HTTPConnectionWithTimeout", around=lambda _original: plain),
        Patch(owner=library, name="HTTPSConnectionWithTimeout", around=lambda _original: secure),
        Patch(owner=library, name="SCHEME_TO_CONNECTION", around=lambda _original: schemes),
    )


def _connection(stub: Any) -> Any:
    return type(stub.__name__, (_Connection, stub), {"cassette": StubbedCall(None)})


class _Connection:
    """Mixed into vcrpy's stub of a connection: asks the tape before the stub answers."""

    cassette: StubbedCall
    _vcr_request: Any

    def connect(self, *_args: Any, **_options: Any) -> None:
        """Not before it is known that the call goes out; sending connects."""

    def getresponse(self, *args: Any, **options: Any) -> Any:
        request = self._vcr_request
        tape = tape_for(request.method, request.uri)
        decision = None if tape is None else route(tape, request, "httplib2")
        error = recorded_error(decision) if isinstance(decision, Playback) else None
        if error is not None:
            raise error
        vars(self)["cassette"] = StubbedCall(decision)
        answer: Callable[..., Any] = super().getresponse  # type: ignore[misc]  # mixed in
        if tape is None or isinstance(decision, Playback):
            return answer(*args, **options)
        with Live(decision):
            return answer(*args, **options)
