"""How a request tells a conversation: what a free-running session has to change in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from pytest_llmreplay.event import Json, Message, Request, TextPart, ToolCallPart

from .api import ApiFormat

__all__ = ["Said", "Transcript", "said_by", "transcript_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the model said at one place of a conversation."""

    start: int
    end: int
    """Of its entries: from the first to behind the last."""
    text: str
    calls: tuple[ToolCallPart, ...]


class Transcript(Protocol):
    """The conversation in the body of a request of one format: a list of entries."""

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The entries in their order; none where the conversation is not in the body."""
        ...

    def with_entries(self, body: dict[str, Json], entries: Sequence[Json]) -> dict[str, Json]:
        """The same request with another conversation."""
        ...

    def said(self, entries: Sequence[Json]) -> Iterator[Said]:
        """What the model said in it, in order."""
        ...

    def answer(self, body: Json) -> list[Json]:
        """The entries with which the plain body of an answer stands in later requests."""
        ...

    def results(self, entry: Json) -> list[tuple[str, Json]]:
        """The results of tools in an entry, each with the id of its call."""
        ...

    def with_results(
        self, entries: Sequence[Json], results: Sequence[tuple[str, Json]]
    ) -> list[Json]:
        """Entries that hold results, with these in place of theirs; what else they hold stays."""
        ...

    def result(self, text: str) -> Json:
        """The result of a tool, but for the id of its call."""
        ...


def transcript_of(spoken: ApiFormat | None) -> Transcript | None:
    """How a format tells a conversation; none where that is not known here."""
    return cast("Transcript | None", getattr(spoken, "transcript", None))


def said_by(
    entries: Sequence[Json],
    belongs: Callable[[Json], bool],
    read: Callable[[list[Json]], Request],
) -> Iterator[Said]:
    """What the model said, where neighbouring entries that are the model's are one answer.

    Args:
        entries: Of a conversation.
        belongs: Whether an entry is the model's.
        read: Reads a request that consists of these entries.
    """
    start = 0
    while start < len(entries):
        end = start
        while end < len(entries) and belongs(entries[end]):
            end += 1
        if end > start:
            messages = read(list(entries[start:end])).messages
            yield Said(start=start, end=end, text=_text_of(messages), calls=_calls_of(messages))
        start = end + 1


def _text_of(messages: Sequence[Message]) -> str:
    """The words of messages, as one text."""
    parts = (part for message in messages for part in message.parts)
    return "".join(part.content for part in parts if isinstance(part, TextPart))


def _calls_of(messages: Sequence[Message]) -> tuple[ToolCallPart, ...]:
    """The calls of the application's tools in messages."""
    parts = (part for message in messages for part in message.parts)
    return tuple(part for part in parts if isinstance(part, ToolCallPart))
