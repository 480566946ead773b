"""What an estimate reads of a recorded call."""

from __future__ import annotations

from typing import Protocol

from pytest_llmreplay.event import Event, Measured
from pytest_llmreplay.replay.selecting.selector import Described

__all__ = ["Recorded"]


class Recorded(Protocol):
    """A recorded call: the document of one in a cassette, or one at hand."""

    @property
    def head(self) -> Described:
        """Number, name, session and labels, which are read without the rest of the event."""
        ...

    @property
    def measured(self) -> Measured:
        """Tokens, seconds and cost of the recorded call."""
        ...

    @property
    def question(self) -> Event:
        """The call, with as much of its answer as tells an error."""
        ...

    @property
    def event(self) -> Event:
        """The whole call."""
        ...
