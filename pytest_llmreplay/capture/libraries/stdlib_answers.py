"""Answers of http.client: recorded ones as it would read them, and live ones that are recorded."""

from __future__ import annotations

import functools
import http.client
from collections.abc import Callable
from http.client import HTTPResponse, IncompleteRead
from typing import Any

from pytest_llmreplay.capture.endings import closing, ended_by
from pytest_llmreplay.capture.routing import answer_headers
from pytest_llmreplay.capture.tape import Playback, Recorder

from .bodies import PlayedFile

__all__ = ["played_response", "taped_response"]


class _NoSocket:
    """What a response reads from instead of a socket."""

    def __init__(self, playback: Playback) -> None:
        reason = http.client.responses.get(playback.status, "")
        lines = [f"HTTP/1.1 {playback.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in answer_headers(playback)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        self._file = PlayedFile(playback, head)

    def makefile(self, _mode: str) -> PlayedFile:
        """The recorded bytes."""
        return self._file


def played_response(playback: Playback, method: str) -> HTTPResponse:
    """The recorded answer to a request of some method."""
    response = HTTPResponse(_NoSocket(playback), method=method)  # type: ignore[arg-type]  # asked for a file
    response.begin()
    return response


def taped_response(response: Any, recorder: Recorder) -> Any:
    """The live response, with a recorder listening."""
    recorder.head(response.status, response.getheaders())
    response.__class__ = _taped_class(response.__class__)
    response.llmreplay_recorder = recorder
    response.llmreplay_reading = False
    return response


class _Taped:
    """Mixed into the class of a live response: tells the recorder what its reader gets.

    One reading method may be made of others; only the outermost counts.
    """

    llmreplay_recorder: Recorder
    llmreplay_reading: bool
    length: int | None
    chunked: bool
    chunk_left: int | str | None

    def read(self, amt: int | None = None) -> bytes:
        return self._tape(super().read, amt)  # type: ignore[misc]  # mixed in

    def read1(self, n: int = -1) -> bytes:
        return self._tape(super().read1, n)  # type: ignore[misc]  # mixed in

    def readline(self, limit: int = -1) -> bytes:
        return self._tape(super().readline, limit)  # type: ignore[misc]  # mixed in

    def readinto(self, b: Any) -> int:
        def read(buffer: Any) -> bytes:
            return bytes(buffer[: super(_Taped, self).readinto(buffer)])  # type: ignore[misc]  # mixed in

        return len(self._tape(read, b))

    def close(self) -> None:
        self.llmreplay_recorder.finish(closing())
        super().close()  # type: ignore[misc]  # mixed in

    def _tape(self, read: Callable[[Any], bytes], argument: Any) -> bytes:
        if self.llmreplay_reading:
            return read(argument)
        self.llmreplay_reading = True
        try:
            data = read(argument)
        except BaseException as error:
            if isinstance(error, IncompleteRead) and error.partial:
                self.llmreplay_recorder.chunk(error.partial)
            self.llmreplay_recorder.finish(ended_by(error))
            raise
        finally:
            self.llmreplay_reading = False
        self._note(data)
        return data

    def _note(self, data: bytes) -> None:
        if data:
            self.llmreplay_recorder.chunk(data)
        if self.isclosed():  # type: ignore[attr-defined]  # mixed in
            # `chunk_left` is None after the last chunk; `readline` swallows the error of a cut.
            missing = self.length or (self.chunked and isinstance(self.chunk_left, int))
            self.llmreplay_recorder.finish("cut" if missing else "complete")


@functools.cache
def _taped_class(response: type) -> type:
    return type(f"Taped{response.__name__}", (_Taped, response), {})
