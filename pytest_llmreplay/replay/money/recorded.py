"""What an estimate reads of a recorded call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pytest_llmreplay.event import Event, Measured, Session

__all__ = ["Head", "Recorded"]


class Head(Protocol):
    """What an event says of itself before its request."""

    @property
    def number(self) -> int:
        """Place in its cassette."""
        ...

    @property
    def name(self) -> str | None:
        """Prompt name."""
        ...

    @property
    def session(self) -> Session | None:
        """What it belongs to."""
        ...

    @property
    def labels(self) -> Mapping[str, str]:
        """Whatever else was said of it."""
        ...

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
