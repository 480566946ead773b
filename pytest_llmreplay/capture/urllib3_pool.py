"""urllib3, and all that rides on it: requests with any adapter, botocore, and pools used directly.

`HTTPConnectionPool.urlopen` stands below the mocks of requests (responses, requests-mock), which
answer as before, and above connections, which are other libraries' business.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from http.client import IncompleteRead, RemoteDisconnected, responses
from types import ModuleType
from typing import Any, Final

from .bodies import PlayedFile, read_body
from .patching import CallSite, Patch
from .routing import Live, answer_headers, closing, ended_by, settled, tape_for
from .tape import Playback, RawRequest, Recorder

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
        self._played_response = type("PlayedResponse", (_Played, library.HTTPResponse), {})
        self._taped_class = functools.cache(
            lambda response: type(f"Taped{response.__name__}", (_Taped, response), {})
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
                return self._play(decision, pool, method, url, rest, options)
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

    def _play(  # noqa: PLR0917  (what urlopen was given)
        self,
        playback: Playback,
        pool: Any,
        method: str,
        url: str,
        rest: tuple[Any, ...],
        options: dict[str, Any],
    ) -> Any:
        if playback.failure is not None:
            retries = rest[0] if rest else options.get("retries")
            self._fail(playback, pool, method, url, retries)
        preload = options.get("preload_content", True)
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

    def _fail(self, playback: Playback, pool: Any, method: str, url: str, retries: Any) -> None:
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
    name: str = sys._getframe(2).f_globals.get("__name__", "urllib3")  # noqa: SLF001
    return name.partition(".")[0]


class _Played:
    """Mixed into the library's response: a recorded body, given in its pieces."""

    _fp: Any
    _pool: Any
    _error_catcher: Any

    def supports_chunked_reads(self) -> bool:
        return True

    def read_chunked(self, amt: int | None = None, **_options: Any) -> Iterator[bytes]:
        with self._error_catcher():
            while piece := self._fp.read1(-1 if amt is None else amt):
                yield piece
        self._fp.close()


class _Taped:
    """Mixed into the class of a live response: tells the recorder what it reads off the wire."""

    llmreplay_recorder: Recorder
    llmreplay_reading: bool
    length_remaining: int | None
    _fp: Any

    def _fp_read(self, amt: int | None = None, **options: Any) -> bytes:
        try:
            data: bytes = super()._fp_read(amt, **options)  # type: ignore[misc]
        except BaseException as error:
            if isinstance(error, IncompleteRead) and error.partial:
                self.llmreplay_recorder.chunk(error.partial)
            self.llmreplay_recorder.finish(ended_by(error))
            raise
        over = not data and amt != 0
        if data:
            self.llmreplay_recorder.chunk(data)
        if over:
            self.llmreplay_recorder.finish("cut" if self.length_remaining else "complete")
        if (amt is None and not options.get("read1")) or _closed(self._fp):
            self.llmreplay_recorder.finish()
        return data

    def _handle_chunk(self, amt: int | None) -> bytes:
        data: bytes = super()._handle_chunk(amt)  # type: ignore[misc]
        self.llmreplay_recorder.chunk(data)
        return data

    def read_chunked(self, *args: Any, **options: Any) -> Iterator[bytes]:
        pieces = super().read_chunked(*args, **options)  # type: ignore[misc]
        try:
            while (piece := self._next(pieces)) is not None:
                yield piece
        except BaseException as error:
            self.llmreplay_recorder.finish(ended_by(error))
            raise
        self.llmreplay_recorder.finish()

    def _next(self, pieces: Iterator[bytes]) -> bytes | None:
        """The next piece; urllib3 closes the response before it says that it was cut."""
        self.llmreplay_reading = True
        try:
            return next(pieces, None)
        finally:
            self.llmreplay_reading = False

    def close(self) -> None:
        if not self.llmreplay_reading:
            self.llmreplay_recorder.finish(closing())
        super().close()  # type: ignore[misc]


def _closed(file: Any) -> bool:
    return file is None or (file.isclosed() if hasattr(file, "isclosed") else file.closed)
