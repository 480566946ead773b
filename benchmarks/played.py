"""A cassette open as it is for a running test, without the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pytest_llmreplay.capture.active import close_tape, open_tape
from pytest_llmreplay.capture.install import install, uninstall
from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.place import Place
from pytest_llmreplay.providers.endpoints.calls import is_llm_call

__all__ = ["captured", "intercepted", "open_cassette", "playing"]


def open_cassette(
    path: Path,
    *,
    mode: RecordMode = "none",
    fsync: bool = True,
    hosts: frozenset[str] = frozenset(),
) -> OpenCassette:
    """The cassette of a path, as the plugin opens it."""
    folder = path.parent
    return OpenCassette(
        place=Place(path=path, root=folder, shown=path.name, record="pytest"),
        header=Header(test="tests/test_made.py::test_made"),
        mode=mode,
        rules=MatchRules(),
        redactor=Redactor(),
        explain=_missed,
        hosts=hosts,
        fsync=fsync,
    )


@contextmanager
def captured(cassette: OpenCassette) -> Iterator[None]:
    """Calls go to a cassette; before and after, the process is as if we were not there."""
    with intercepted(), playing(cassette):
        yield


@contextmanager
def intercepted() -> Iterator[None]:
    """The libraries are patched, as in a session of pytest."""
    install(partial(is_llm_call, hosts=frozenset()))
    try:
        yield
    finally:
        uninstall()


@contextmanager
def playing(cassette: OpenCassette) -> Iterator[None]:
    """Calls go to a cassette, as in one of the session's tests."""
    open_tape(cassette.tape)
    try:
        yield
    finally:
        close_tape(cassette.tape)
        cassette.close()


def _missed(_: OpenCassette, request: RawRequest, number: int) -> BaseException:
    return AssertionError(f"call {number} to {request.url} is not in the cassette")
