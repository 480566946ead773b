"""The pure core: failures told apart, headers of played answers, the mark of a live call."""

from __future__ import annotations

import asyncio
import contextvars
import http.client
import socket
import urllib.error
from collections.abc import Callable, Iterator

import aiohttp
import httpx2
import pytest
import requests
import urllib3
from capture.capture_tape import Call, MemoryTape, tape_in

from pytest_llmreplay.capture.endings import closing, ended_by, failure_kind
from pytest_llmreplay.capture.routing import Live, answer_headers, calls_are, is_routed, tape_for
from pytest_llmreplay.capture.tape import Playback, RawRequest

POOL = urllib3.HTTPConnectionPool("localhost")


class Cancelling:
    """Does its work on the way out, as the exit of a response does."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, *_error: object) -> None:
        self._work()


def caused(error: BaseException, cause: BaseException) -> BaseException:
    """An error raised from another."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("connect", httpx2.ConnectError("refused")),
        ("connect", ConnectionRefusedError()),
        ("connect", urllib.error.URLError(socket.gaierror(8, "unknown"))),
        (
            "connect",
            requests.ConnectionError(
                urllib3.exceptions.MaxRetryError(
                    POOL,
                    "/",
                    urllib3.exceptions.NewConnectionError(None, "refused"),  # type: ignore[arg-type]  # no pool is needed
                )
            ),
        ),
        ("timeout", httpx2.ReadTimeout("late")),
        ("timeout", httpx2.ConnectTimeout("late")),
        ("timeout", TimeoutError()),
        ("timeout", aiohttp.ServerTimeoutError()),
        ("timeout", requests.ReadTimeout()),
        ("timeout", caused(TimeoutError(), asyncio.CancelledError())),
        ("cut", httpx2.RemoteProtocolError("closed")),
        ("cut", http.client.RemoteDisconnected("closed")),
        ("cut", requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted"))),
        ("cut", caused(httpx2.ConnectTimeout(""), aiohttp.ServerDisconnectedError())),
        ("cut", RuntimeError("of a transport")),
        ("cancelled", asyncio.CancelledError()),
        ("cancelled", KeyboardInterrupt()),
    ],
    ids=repr,
)
def test_a_failure_is_told_by_the_names_libraries_use(kind: str, error: BaseException) -> None:
    """Each library's errors fall into the four kinds."""
    assert kind == failure_kind(error)


def test_the_end_of_a_stream_is_told_from_its_error() -> None:
    """A connection error while reading is a cut; leaving a generator is leaving."""
    assert "cut" == ended_by(ConnectionRefusedError())
    assert "timeout" == ended_by(httpx2.ReadTimeout("late"))
    assert "left" == ended_by(GeneratorExit())


def test_closing_while_a_cancellation_is_handled_is_cancelled() -> None:
    """Why a stream is closed is told from the exception being handled."""
    seen: list[str] = []
    assert "left" == closing()
    with pytest.raises(asyncio.CancelledError), Cancelling(lambda: seen.append(closing())):
        raise asyncio.CancelledError
    assert ["cancelled"] == seen


def test_a_generator_closed_by_a_cancellation_is_cancelled() -> None:
    """Also through the GeneratorExit that the close raises inside it."""
    seen: list[str] = []

    def reading() -> Iterator[None]:
        try:
            yield
        except GeneratorExit as error:
            seen.append(ended_by(error))
            raise

    generator = reading()
    next(generator)
    with pytest.raises(asyncio.CancelledError), Cancelling(generator.close):  # type: ignore[attr-defined]  # generators have it
        raise asyncio.CancelledError
    assert ["cancelled"] == seen


@pytest.mark.parametrize(
    ("expected", "headers", "chunks", "ended"),
    [
        ({"content-length": "3"}, {}, (b"abc",), "complete"),
        ({"content-length": "4"}, {"Content-Length": "9"}, (b"ab", b"cd"), "complete"),
        ({"x": "1"}, {"x": "1", "transfer-encoding": "chunked"}, (b"ab", b"cd"), "complete"),
        ({}, {"content-encoding": "gzip", "content-length": "9"}, (b"abc",), "cut"),
    ],
)
def test_headers_of_a_played_answer_fit_its_bytes(
    expected: dict[str, str], headers: dict[str, str], chunks: tuple[bytes, ...], ended: str
) -> None:
    """Length is right or absent; no encoding is claimed."""
    played = Playback(status=200, headers=tuple(headers.items()), chunks=chunks, ended=ended)  # type: ignore[arg-type]  # a `Literal` by its text
    assert expected == dict(answer_headers(played))


def test_a_live_call_is_marked_for_as_long_as_it_lasts() -> None:
    """What inherits the mark is free again when the call is over."""
    with Live():
        assert is_routed()
        inherited = contextvars.copy_context()
    assert not is_routed()
    assert not inherited.run(is_routed)


def test_a_live_call_that_fails_tells_the_recorder() -> None:
    """The recorder hears the kind and the library's own words, or its name for want of words."""
    request = RawRequest(method="POST", url="u", headers={}, content=b"", library="x")
    for error, words in ((TimeoutError("too late"), "too late"), (TimeoutError(), "TimeoutError")):
        call = Call(request)
        with pytest.raises(TimeoutError), Live(call):
            raise error
        assert call.failure is not None
        assert ("timeout", words) == (call.failure.kind, call.failure.message)


def test_only_llm_calls_that_are_not_routed_have_a_tape() -> None:
    """The three reasons to let a call pass."""
    calls_are(lambda method, _url: method == "POST")
    assert tape_for("POST", "u") is None
    with tape_in(MemoryTape()) as tape:
        assert tape is tape_for("POST", "u")
        assert tape_for("GET", "u") is None
        with Live():
            assert tape_for("POST", "u") is None
