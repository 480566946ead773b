"""Events that cannot be read fail the test, whatever an SDK makes of it."""

from __future__ import annotations

from pytest_llmreplay.capture.tape import Decision, RawRequest
from pytest_llmreplay.playback.tape import CassetteTape
from pytest_llmreplay.plugin.failures import LlmFailure, as_failure, unforeseen

__all__ = ["Readable"]


class Readable:
    """The tape of a cassette, parts of which are first read when a call wants them.

    Args:
        tape: Raises what is wrong with the file as an `Exception`, which SDKs retry and wrap.
    """

    def __init__(self, tape: CassetteTape) -> None:
        self._tape = tape

    @property
    def offline(self) -> bool:
        """Whether nothing goes live while this tape is open."""
        return self._tape.offline

    def route(self, request: RawRequest) -> Decision:
        """Let the tape decide; its failure is remembered, should the test hide it."""
        try:
            with as_failure():
                return self._tape.route(request)
        except LlmFailure as failure:
            self.note(failure)
            raise
        except Exception as error:
            stopped = unforeseen(request, error)
            self.note(stopped)
            raise stopped from error

    def note(self, failure: BaseException) -> None:
        """Remember a call that failed, should the test hide it."""
        self._tape.note(failure)
