"""What the pieces of a stream say, in neutral terms: the words between two wire formats.

A stream that is converted while it comes is read into deltas by the format of the target, and told
again in the format of the client.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from pytest_llmreplay.event import Json, Part, ReasoningPart, RefusalPart, Response, TextPart

__all__ = [
    "Arguments",
    "Begins",
    "CallBegins",
    "CallEnds",
    "Delta",
    "DeltaReader",
    "DeltaWriter",
    "Kind",
    "Words",
    "words_of",
]

Kind: TypeAlias = Literal["reasoning", "text", "refusal"]
"""What words are."""


@dataclass(frozen=True, slots=True)
class Begins:
    """The answer has begun."""

    model: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """More words."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class CallBegins:
    """A function is called, whose arguments are to come."""

    place: int
    """Tells it from other calls of the answer."""
    id: str | None
    name: str
    custom: bool = False
    """Whether the tool takes any text, not JSON."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """More of what a call is given: JSON text, but for a tool that takes any."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class CallEnds:
    """A call is whole; not every format says so before the end of the answer."""

    place: int


Delta: TypeAlias = Begins | Words | CallBegins | Arguments | CallEnds


class DeltaReader(Protocol):
    """Reads one stream; whatever comes, it never raises."""

    def read(self, data: dict[str, Json]) -> Iterable[Delta]:
        """The deltas of the next event."""
        ...


class DeltaWriter(Protocol):
    """Tells one answer as a stream."""

    def write(self, delta: Delta) -> Iterable[bytes]:
        """The events that say this."""
        ...

    def end(self, response: Response) -> Iterable[bytes]:
        """The events that end the stream: how the whole answer ended, and its usage."""
        ...


def words_of(part: Part) -> Words | None:
    """The words that a part is."""
    match part:
        case TextPart():
            return Words("text", part.content)
        case RefusalPart():
            return Words("refusal", part.content)
        case ReasoningPart():
            return Words("reasoning", part.content)
        case _:
            return None
