"""Where an event stands: the first lines of what is said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_llmreplay.event import Session

from .layout import columns, fit_tail, wrapped
from .sanitise import safe_line

__all__ = ["COLUMN", "Standing", "command_lines", "labelled", "standing_lines"]

COLUMN = 11
"""Columns of the labels at the left."""

_ARGUMENT = re.compile(r"(?:'[^']*'|[^\s'])+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The place of an event in its cassette and its session."""

    cassette: str
    """Path as people type it, relative to where pytest was started."""
    line: int | None = None
    """Line of the event in the cassette."""
    event: int
    session: Session | None = None
    turn: int | None = None
    """Place in the session, counted from 1."""
    turns: int | None = None
    history: str | None = None
    """Whose words the earlier turns of the request are: `recorded history`."""


def standing_lines(standing: Standing, width: int) -> list[str]:
    """`cassette:line`, then session and turn."""
    place = f"{standing.cassette}:{standing.line}" if standing.line else standing.cassette
    lines = [fit_tail(safe_line(place), width)]
    if said := _session(standing):
        lines += wrapped(said, width)
    return lines


def labelled(label: str, text: str, width: int) -> list[str]:
    """A text behind its label, wrapped below itself."""
    room = max(width - COLUMN, 1)
    rows = wrapped(safe_line(text), room)
    return [f"{label:<{COLUMN}}{rows[0]}", *(" " * COLUMN + row for row in rows[1:])]


def command_lines(label: str, command: str | None, width: int) -> list[str]:
    """A command behind its label, continued as a shell takes it; none where there is none."""
    rows: list[str] = []
    for word in _ARGUMENT.findall(safe_line(command or "")):
        if rows and COLUMN + columns(rows[-1]) + columns(word) + 3 <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(f"  {word}" if rows else word)
    labels = [label, *[""] * len(rows)]
    ends = [*[" \\"] * (len(rows) - 1), ""]
    return [f"{a:<{COLUMN}}{row}{end}" for a, row, end in zip(labels, rows, ends, strict=False)]


def _session(standing: Standing) -> str:
    session, said = standing.session, []
    name = (session.name or session.path or session.id) if session is not None else None
    if name:
        said.append(f"session {safe_line(name)}")
    if standing.turn is not None:
        said.append(f"turn {standing.turn}" + (f" of {standing.turns}" if standing.turns else ""))
    if said and standing.history and standing.turn != 1:
        said.append(standing.history)
    return ", ".join(said)
