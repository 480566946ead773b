"""What is mixed into the responses of urllib3: recorded bodies, and a recorder of live ones."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import IncompleteRead
from typing import Any

from pytest_llmreplay.capture.endings import closing, ended_by
from pytest_llmreplay.capture.tape import Recorder

__all__ = ["Played", "Taped"]


class Played:
    """Mixed into the library's response: a recorded body, given in its pieces."""

    _fp: Any
    _pool: Any
    _error_catcher: Any

    def supports_chunked_reads(self) -> bool:
        """Whether there are chunks: as a library asks that reads them."""
        return True

    def read_chunked(self, amt: int | None = None, **_options: Any) -> Iterator[bytes]:
        """The recorded pieces."""
        with self._error_catcher():
            while piece := self._fp.read1(-1 if amt is None else amt):
                yield piece
        self._fp.close()


class Taped:
    """Mixed into the class of a live response: tells the recorder what it reads off the wire."""

    llmreplay_recorder: Recorder
    llmreplay_reading: bool
    length_remaining: int | None
    _fp: Any

    def _fp_read(self, amt: int | None = None, **options: Any) -> bytes:
        try:
            data: bytes = super()._fp_read(amt, **options)  # type: ignore[misc]  # mixed in
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
        data: bytes = super()._handle_chunk(amt)  # type: ignore[misc]  # mixed in
        self.llmreplay_recorder.chunk(data)
        return data

    def read_chunked(self, *args: Any, **options: Any) -> Iterator[bytes]:
        """The pieces as they come; the last one ends the recording."""
        pieces = super().read_chunked(*args, **options)  # type: ignore[misc]  # mixed in
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
        """Close the response, which its reader may leave before its end."""
        if not self.llmreplay_reading:
            self.llmreplay_recorder.finish(closing())
        super().close()  # type: ignore[misc]  # mixed in


def _closed(file: Any) -> bool:
    return file is None or (file.isclosed() if hasattr(file, "isclosed") else file.closed)
