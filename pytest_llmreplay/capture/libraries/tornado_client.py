"""The seam of tornado, through vcrpy's stub; vcrpy is imported when tornado's client is.

Streams are refused: the stub buffers whole answers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from http.client import IncompleteRead, RemoteDisconnected
from types import ModuleType
from typing import Any, Final

from pytest_llmreplay.capture.active import refusal
from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import tape_for
from pytest_llmreplay.capture.tape import Playback, Settled

from .vcr_stubs import StubbedCall, recorded_error, route

__all__ = ["call_sites", "patches"]

_NO_ANSWER: Final = 599
"""The status that tornado makes up."""


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patch relies on the inside of tornado."""
    owner = library.SimpleAsyncHTTPClient
    parameters = ("self", "request", "callback")
    return (CallSite(owner=owner, name="fetch_impl", parameters=parameters, caller="fetch"),)


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in tornado."""
    owner = library.SimpleAsyncHTTPClient
    around = functools.partial(_around_fetch_impl, library)
    return (Patch(owner=owner, name="fetch_impl", around=around),)


def _around_fetch_impl(library: Any, original: Callable[..., None]) -> Callable[..., None]:
    from vcr.stubs import tornado_stubs as stubs  # noqa: PLC0415 - loads vcr

    @functools.wraps(original)
    def fetch_impl(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
        tape = tape_for(request.method, request.url)
        if tape is None:
            original(client, request, callback)
            return
        _refuse_streams(request)
        decision = route(tape, _vcr_request(request), "tornado")
        error = _error(library, decision)
        if error is not None:
            callback(library.HTTPResponse(request, _NO_ANSWER, error=error))
            return
        call = StubbedCall(decision)
        stub: Callable[..., None] = stubs.vcr_fetch_impl(call, _noting_errors(original, call))
        stub(client, request, callback)

    return fetch_impl


def _vcr_request(request: Any) -> Any:
    from vcr.request import Request  # noqa: PLC0415 - as above

    return Request(request.method, request.url, request.body, dict(request.headers))


def _refuse_streams(request: Any) -> None:
    for name in ("streaming_callback", "header_callback", "body_producer"):
        if getattr(request, name, None) is not None:
            raise refusal(
                f"tornado with {name!r} cannot be recorded or played back ({request.url}): only "
                "whole answers can. Fetch without it, use another client, or point the call at "
                "the `llm_server` fixture."
            )


def _noting_errors(original: Callable[..., None], call: StubbedCall) -> Callable[..., None]:
    """`fetch_impl` that keeps why no answer came, which tornado calls a 599."""

    @functools.wraps(original)
    def fetch_impl(client: Any, request: Any, callback: Callable[[Any], None]) -> None:
        def finished(response: Any) -> None:
            call.error = response.error if response.code == _NO_ANSWER else None
            callback(response)

        original(client, request, finished)

    return fetch_impl


def _error(library: Any, decision: Settled) -> Exception | None:
    error = recorded_error(decision) if isinstance(decision, Playback) else None
    if isinstance(error, TimeoutError):
        late: Exception = library.HTTPTimeoutError(str(error))
        return late
    if isinstance(error, (IncompleteRead, RemoteDisconnected)):
        cut: Exception = library.HTTPStreamClosedError(str(error))
        return cut
    return error
