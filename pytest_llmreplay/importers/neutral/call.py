"""One call of a model, as a log tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_llmreplay.event import Failure, Json, Measured, Request, Response, Session, Usage

__all__ = ["Answered", "Asked", "LoggedCall", "NoCall", "Shaped", "Unimportable"]


class Unimportable(Exception):  # what is wrong is its message
    """A call cannot be put together from what a log tells; the message is the reason."""


class NoCall(Exception):  # no fault
    """A record tells something else than a call of a model; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A body in the shape of an API format, which need not be one that its provider speaks."""

    api: str
    """A name in `providers.registry.FORMATS`."""
    body: dict[str, Json]


Asked: TypeAlias = Shaped | Request
Answered: TypeAlias = Shaped | Response | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """What was asked and answered, and what was measured."""

    asked: Asked
    answered: Answered
    provider: str | None = None
    """In the spelling of the log."""
    model: str | None = None
    """The model that was asked for; may begin with the name of its provider."""
    api: str | None = None
    """The format that the call spoke, where the log tells."""
    host: str | None = None
    """Where it went, where the log tells."""
    streamed: bool = False
    """Whether the answer came in pieces."""
    usage: Usage = field(default_factory=Usage)
    """Counts; they stand in where the answer tells none."""
    measured: Measured = field(default_factory=Measured)
    id: str | None = None
    session: Session | None = None
    prompt: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
