"""What an estimate reads of a recorded call."""

from __future__ import annotations

from typing import Protocol

from pytest_llmreplay.event import Event, Measured

__all__ = ["Head", "Recorded"]


class Head(Protocol):
    """Enough to name what was asked."""

    @property
    def provider(self) -> str:
        """Who was asked."""
        ...

    @property
    def api(self) -> str:
        """In which format."""
        ...

    @property
    def model(self) -> str | None:
        """The model that was asked for."""
        ...


class Recorded(Protocol):
    """A recorded call: the document of one in a cassette, or one at hand."""

    @property
    def head(self) -> Head:
        """What is read first."""
        ...

    @property
    def measured(self) -> Measured:
        """What it took."""
        ...

    @property
    def question(self) -> Event:
        """The call, with as much of its answer as tells an error."""
        ...

    @property
    def event(self) -> Event:
        """The whole call."""
        ...
