"""Recorded events of cassettes, as the commands `list`, `show` and `diff` look at them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.labels import labels
from pytest_llmreplay.compare.call_figures import Figures, figures_of
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event, Json

from .checking.places import absolute, cassettes_of, roots_of
from .project import Project

__all__ = ["RecordedEvent", "cassettes_meant", "event_json", "events_meant", "events_of"]

_NEAR = 3


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


def cassettes_meant(paths: Sequence[str]) -> list[Path]:
    """The cassettes that paths mean; without paths those of the project.

    Raises:
        ConfigError: A path does not exist, or holds no cassette.
    """
    asked = [absolute(path) for path in paths]
    project = Project.around(asked)
    return list(cassettes_of(roots_of(asked, project)))


def events_of(path: Path) -> Iterator[RecordedEvent]:
    """All events of a cassette.

    Raises:
        CassetteError: It cannot be read.
    """
    cassette = Cassette.load(path)
    shown = os.path.relpath(path)
    for label, event in zip(labels(cassette), cassette.events, strict=True):
        accepted = tuple(name for name, one in cassette.accepted.items() if event.number in one)
        yield RecordedEvent(
            node_id=f"{Path(shown).as_posix()}::{label}",
            event=event,
            figures=figures_of(event),
            accepted=accepted,
        )


def events_meant(typed: str) -> list[RecordedEvent]:
    """The events of a cassette, or one of them: `FILE.yaml`, `FILE.yaml::LABEL`, `FILE.yaml::2`.

    Raises:
        ConfigError: There is no such event; the message names the nearest.
        CassetteError: The cassette cannot be read.
    """
    file, colons, label = typed.partition("::")
    path = absolute(file)
    if not path.is_file():
        raise ConfigError(f"{file}: is a directory; name one of its cassettes")
    found = list(events_of(path))
    if not colons:
        return found
    wanted = label.partition("[")[0]
    one = [event for event in found if _is(wanted, event)]
    if not one:
        raise ConfigError(f"{file}: no event {label!r}{_nearest(wanted, found)}")
    return one[:1]


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


def _is(wanted: str, one: RecordedEvent) -> bool:
    return wanted == one.label or (wanted.isdecimal() and int(wanted) == one.event.number)


def _nearest(wanted: str, found: Sequence[RecordedEvent]) -> str:
    known = [one.label for one in found]
    near = get_close_matches(wanted, known, n=_NEAR, cutoff=0.4) or known[:_NEAR]
    return f"; there is {', '.join(near)}"
