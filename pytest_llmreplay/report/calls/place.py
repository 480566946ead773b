"""Where an event stands: the first lines of what is said about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_llmreplay.event import Session
from pytest_llmreplay.report.text.layout import columns, fit_tail, joined, wrapped
from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = [
    "COLUMN",
    "Standing",
    "command_lines",
    "command_rows",
    "labelled",
    "listed",
    "standing_lines",
]

COLUMN = 11
"""Columns of the labels at the left."""

_CONTINUED = " \\"
_ARGUMENT = re.compile(r"(?:'[^']*'|\S)+")


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
    if line := _session(standing):
        lines += wrapped(line, width)
    return lines


def labelled(label: str, text: str, width: int) -> list[str]:
    """A text behind its label, wrapped below itself."""
    return _behind(label, wrapped(safe_line(text), max(width - COLUMN, 1)))


def listed(label: str, items: Iterable[str], width: int) -> list[str]:
    """Items behind their label, each kept together; nothing where there are none."""
    return _behind(label, joined(map(safe_line, items), ", ", max(width - COLUMN, 1)))


def command_lines(label: str, command: str | None, width: int) -> list[str]:
    """A command behind its label; nothing where there is none."""
    return _behind(label, command_rows(command, width - COLUMN)) if command else []


def command_rows(command: str, width: int) -> list[str]:
    """A command in rows, continued as a shell takes it; no argument is ever broken."""
    rows: list[str] = []
    for word in _ARGUMENT.findall(safe_line(command)):
        if rows and columns(rows[-1]) + columns(word) + len(" " + _CONTINUED) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(f"  {word}" if rows else word)
    return [*(row + _CONTINUED for row in rows[:-1]), *rows[-1:]]


def _behind(label: str, rows: Sequence[str]) -> list[str]:
    labels = [label, *[""] * len(rows)]
    return [f"{name:<{COLUMN}}{row}" for name, row in zip(labels, rows, strict=False)]


def _session(standing: Standing) -> str:
    session, words = standing.session, []
    name = (session.name or session.path or session.id) if session is not None else None
    if name:
        words.append(f"session {safe_line(name)}")
    if standing.turn is not None:
        words.append(f"turn {standing.turn}" + (f" of {standing.turns}" if standing.turns else ""))
    if words and standing.history and standing.turn != 1:
        words.append(standing.history)
    return ", ".join(words)
