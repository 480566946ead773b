"""Which tape the LLM calls of this process go to: a test's, or for a while a fixture's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_llmreplay.capture.active import close_tape, open_tape
from pytest_llmreplay.capture.tape import Tape

__all__ = ["Deck"]


class Deck:
    """Holds one tape at a time.

    A tape that another stands in for is closed meanwhile, not only covered: an event loop that
    was started earlier still has it in its context.
    """

    def __init__(self) -> None:
        self._tape: Tape | None = None

    def put(self, tape: Tape | None) -> None:
        """Let the calls go to this tape from now on; to none, where there is none."""
        if self._tape is not None:
            close_tape(self._tape)
        self._tape = tape
        if tape is not None:
            open_tape(tape)

    @contextmanager
    def instead(self, tape: Tape) -> Iterator[None]:
        """Let the calls go to this tape for the length of a block."""
        before = self._tape
        self.put(tape)
        try:
            yield
        finally:
            self.put(before)
