"""One event of a session that runs freely: what was recorded, and what was said in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.replay.calls.result import NotReplayed, NotRun

__all__ = ["MOST_FURTHER", "QUOTED", "Left", "Spared", "Step", "Turn", "quotes", "quoting"]

MOST_FURTHER = 10
"""Calls at most that are made for one event beside its own."""

QUOTED = 20
"""Characters from which on the words of an answer count as quoted where they stand in others."""


class Left(NotRun):
    """The target went another way than the recording, which knows nothing of what comes then."""


class Spared(NotReplayed):
    """The target had said all before this request of the recording, and is not asked again."""

    spares = True


@dataclass(slots=True, kw_only=True)
class Step:
    """One answer of the target."""

    answer: Event
    told: dict[str, list[Json]] = field(default_factory=dict)
    """The answer as later requests tell it, by their API format."""
    results: dict[str, list[tuple[ToolCallPart, Json]]] = field(default_factory=dict)
    """Its calls of tools, each with the result, by the API format of a request that told them."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What was said in place of a recorded answer."""

    number: int
    """Of the turn, counted from 1."""
    recorded: Event
    steps: list[Step] = field(default_factory=list)
    """The answer, and those behind it where the target went on with tools by itself."""
    spared_by: Turn | None = None
    """The turn in which the target said so much that this one was not asked."""
    unanswered: ToolCallPart | None = None
    """What the target called and nobody has a result of."""

    @property
    def last(self) -> Step | None:
        """What the target said at the end."""
        if self.spared_by is not None:
            return self.spared_by.last
        return self.steps[-1] if self.steps else None

    @property
    def goes_on(self) -> bool:
        """Whether the target called tools where the recorded model had come to an end."""
        response = self.recorded.response
        if response.tool_calls or response.error or not self.steps:
            return False
        return bool(self.steps[-1].answer.response.tool_calls)

    @property
    def is_exhausted(self) -> bool:
        """Whether no more calls are made for it."""
        return len(self.steps) > MOST_FURTHER


def quotes(turns: Iterable[Turn]) -> Iterator[tuple[str, str]]:
    """Recorded words that others may quote, and what the target said in their place."""
    for turn in turns:
        words, last = turn.recorded.response.text.strip(), turn.last
        if last is not None and len(words) >= QUOTED:
            yield words, last.answer.response.text.strip()


def quoting(value: Json, quoted: Mapping[str, str]) -> Json:
    """Words of others, with what was said now in place of what they quote."""
    if isinstance(value, str):
        for recorded, replayed in quoted.items():
            value = value.replace(recorded, replayed)
        return value
    if isinstance(value, list):
        return [quoting(one, quoted) for one in value]
    if isinstance(value, dict):
        return {key: quoting(one, quoted) for key, one in value.items()}
    return value
