"""Recorded events of cassettes, as the commands `list`, `show` and `diff` look at them."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.labels import label_at
from pytest_llmreplay.commands.checking.places import absolute, cassettes_of, roots_of
from pytest_llmreplay.commands.projects.project import Project
from pytest_llmreplay.compare.figures.call_figures import Figures, figures_of
from pytest_llmreplay.event import Event, Json

__all__ = [
    "Accepted",
    "RecordedEvent",
    "cassettes_meant",
    "event_json",
    "recorded_at",
    "shown_path",
]


Accepted: TypeAlias = Mapping[str, Container[int]]
"""Numbers of events by the target whose answer to them is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event with the name that it has for people."""

    node_id: str
    event: Event
    figures: Figures
    accepted: tuple[str, ...] = ()
    """Targets whose answer to it is accepted."""

    @property
    def label(self) -> str:
        """`0002-assistant-argument`."""
        return self.node_id.rpartition("::")[2]

    @property
    def cassette(self) -> str:
        """The path before it."""
        return self.node_id.rpartition("::")[0]


def cassettes_meant(paths: Sequence[str]) -> list[Path]:
    """The cassettes that paths mean; without paths those of the project.

    Raises:
        ConfigError: A path does not exist, or holds no cassette.
    """
    asked = [absolute(path) for path in paths]
    project = Project.around(asked)
    return list(cassettes_of(roots_of(asked, project)))


def recorded_at(cassette: Cassette, place: int, accepted: Accepted) -> RecordedEvent:
    """One event of a cassette.

    Args:
        cassette: Its cassette.
        place: In the order of the file, counted from 0.
        accepted: The cassette's accepted answers, as far as they can be read.

    Raises:
        CassetteDamaged: It cannot be read.
    """
    event = cassette.document(place).event
    return RecordedEvent(
        node_id=f"{shown_path(cassette.path)}::{label_at(cassette, place)}",
        event=event,
        figures=figures_of(event),
        accepted=tuple(name for name, one in accepted.items() if event.number in one),
    )


def shown_path(path: Path) -> str:
    """A path as people type it here."""
    return Path(os.path.relpath(path)).as_posix()


def event_json(one: RecordedEvent) -> dict[str, Json]:
    """An event for programs; times in seconds, money in USD."""
    event, session = one.event, one.event.session
    return {
        "id": one.node_id,
        "number": event.number,
        "prompt": event.name,
        "session": None
        if session is None
        else {"id": session.id, "name": session.name, "path": session.path},
        "labels": dict(event.labels),
        "provider": event.provider,
        "api": event.api,
        "model": event.model,
        "answered_by": event.response.model or event.measured.model,
        "at": event.measured.at,
        "finish_reason": event.response.finish_reason,
        "error": None if event.response.error is None else event.response.error.message,
        "input_tokens": one.figures.input_tokens,
        "output_tokens": one.figures.output_tokens,
        "duration": one.figures.duration,
        "time_to_first_chunk": one.figures.time_to_first_chunk,
        "cost": one.figures.cost,
        "accepted": list(one.accepted),
    }
