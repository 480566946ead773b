"""urllib3, and all that rides on it: requests with any adapter, botocore, and pools used directly.

`HTTPConnectionPool.urlopen` stands below the mocks of requests (responses, requests-mock), which
answer as before, and above connections, which are other libraries' business.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from http.client import RemoteDisconnected, responses
from types import ModuleType
from typing import Any, Final, Never

from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import Live, answer_headers, settled, tape_for
from pytest_llmreplay.capture.tape import Playback, RawRequest, Recorder

from .bodies import PlayedFile, read_body
from .urllib3_answers import Played, Taped

__all__ = ["call_sites", "patches"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MOST_RETRIES: Final = 100


def call_sites(library: ModuleType) -> tuple[CallSite, ...]:
    """Where the patch relies on the inside of urllib3."""
    pool, response = library.HTTPConnectionPool, library.HTTPResponse
    parameters = ("self", "method", "url", "body", "headers", "retries")
    return (
        CallSite(owner=pool, name="urlopen", parameters=parameters),
        CallSite(owner=response, name="_fp_read", parameters=("self", "amt")),
        CallSite(
            owner=response,
            name="_handle_chunk",
            parameters=("self", "amt"),
            caller="read_chunked",
        ),
    )


def patches(library: ModuleType) -> tuple[Patch, ...]:
    """What to replace in urllib3."""
    seam = _Seam(library)
    return (Patch(owner=library.HTTPConnectionPool, name="urlopen", around=seam.around),)


class _Seam:
    """Asks the tape before a pool takes a connection."""

    def __init__(self, library: ModuleType) -> None:
        self._library = library
        self._played_response = type("PlayedResponse", (Played, library.HTTPResponse), {})
        self._taped_class = functools.cache(
            lambda response: type(f"Taped{response.__name__}", (Taped, response), {})
        )

    def around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Makes an `urlopen` that asks first."""

        @functools.wraps(original)
        def urlopen(
            pool: Any,
            method: str,
            url: str,
            body: Any = None,
            headers: Any = None,
            *rest: Any,
            **options: Any,
        ) -> Any:
            address = _absolute(pool, url)
            tape = tape_for(method, address)
            if tape is None:
                return original(pool, method, url, body, headers, *rest, **options)
            content = read_body(body)
            request = RawRequest(
                method=method,
                url=address,
                headers=_lower(pool.headers if headers is None else headers),
                content=content,
                library=_caller(),
                patience=self._patience(options.get("timeout"), pool),
            )
            decision = settled(tape.route(request))
            if isinstance(decision, Playback):
                if decision.failure is not None:
                    retries = rest[0] if rest else options.get("retries")
                    self._fail(decision, pool, method, url, retries)
                preload = options.get("preload_content", True)
                return self._play(decision, method, url, preload=preload)
            sent = None if body is None else content
            with Live(decision):
                response = original(pool, method, url, sent, headers, *rest, **options)
            return response if decision is None else self._tape(response, decision, options)

        return urlopen

    def _patience(self, asked: Any, pool: Any) -> float | None:
        """Seconds between two pieces of an answer: of the call, else of its pool."""
        if isinstance(asked, (int, float)):
            return asked
        limits = (asked if isinstance(asked, self._library.Timeout) else pool.timeout).clone()
        limits.start_connect()  # it does not tell before
        read = limits.read_timeout
        return read if isinstance(read, (int, float)) else None

    def _play(self, playback: Playback, method: str, url: str, *, preload: Any) -> Any:
        response = self._played_response(
            body=PlayedFile(playback),
            headers=self._library.response.HTTPHeaderDict(answer_headers(playback)),
            status=playback.status,
            version=11,
            reason=responses.get(playback.status, ""),
            preload_content=preload,
            request_method=method,
            request_url=url,
        )
        response.chunked = not preload
        return response

    def _fail(self, playback: Playback, pool: Any, method: str, url: str, retries: Any) -> Never:
        """Raise what a pool raises once it has used up its retries."""
        error = self._error(playback, pool, url)
        counted = self._library.Retry.from_int(retries, default=pool.retries)
        for _retry in range(_MOST_RETRIES):
            counted = counted.increment(method, url, error=error, _pool=pool)
        raise error

    def _error(self, playback: Playback, pool: Any, url: str) -> Exception:
        assert playback.failure is not None
        errors: Any = self._library.exceptions
        message = playback.failure.message
        error: Exception
        if playback.failure.kind == "connect":
            connection = pool.ConnectionCls(pool.host, pool.port)
            error = errors.NewConnectionError(connection, message)
        elif playback.failure.kind == "cut":
            error = errors.ProtocolError("Connection aborted.", RemoteDisconnected(message))
        else:
            error = errors.ReadTimeoutError(pool, url, message)
        return error

    def _tape(self, response: Any, recorder: Recorder, options: dict[str, Any]) -> Any:
        headers = list(response.headers.items())
        if options.get("preload_content", True):
            if options.get("decode_content", True):
                headers = [pair for pair in headers if pair[0].lower() != "content-encoding"]
            recorder.head(response.status, headers)
            recorder.chunk(response.data)
            recorder.finish()
            return response
        recorder.head(response.status, headers)
        response.__class__ = self._taped_class(response.__class__)
        response.llmreplay_recorder = recorder
        response.llmreplay_reading = False
        return response


def _absolute(pool: Any, url: str) -> str:
    if not url.startswith("/"):
        return url
    host = f"[{pool.host}]" if ":" in pool.host else pool.host
    port = "" if pool.port in {None, _DEFAULT_PORTS.get(pool.scheme)} else f":{pool.port}"
    return f"{pool.scheme}://{host}{port}{url}"


def _lower(headers: Any) -> dict[str, str]:
    def text(value: Any) -> str:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)

    return {text(name).lower(): text(value) for name, value in headers.items()}


def _caller() -> str:
    """Top-level package of whoever called `urlopen`."""
    name: str = sys._getframe(2).f_globals.get("__name__", "urllib3")
    return name.partition(".")[0]
