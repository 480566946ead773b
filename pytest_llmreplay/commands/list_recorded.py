"""`pytest-llmreplay list`: cassettes, events and sessions, with what their calls took."""

from __future__ import annotations

import os
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmreplay.commands.recorded.reading import Reading, add_filter
from pytest_llmreplay.commands.recorded.recordings import (
    RecordedEvent,
    cassettes_meant,
    event_json,
    shown_path,
)
from pytest_llmreplay.commands.recorded.sessions import SessionEvents, sessions_in
from pytest_llmreplay.event import Json
from pytest_llmreplay.report.cassettes.inventory import Row, Sums, inventory_lines
from pytest_llmreplay.report.text.sanitise import json_text

from .command import Command, Exit

__all__ = ["LIST"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="Cassettes, or directories of them; by default all of the project. The events of a "
        "single cassette are listed.",
    )
    parser.add_argument(
        "--sessions", action="store_true", help="List the sessions that the events belong to."
    )
    add_filter(parser)
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def _run(arguments: Namespace) -> Exit:
    reading = Reading(arguments.filters)
    cassettes = cassettes_meant(arguments.paths)
    if arguments.sessions:
        found = sessions_in(reading.all_of(cassettes))
        _print(arguments, reading, [_session_json(one) for one in found], _session_lines(found))
    elif len(cassettes) == 1 and arguments.paths and Path(arguments.paths[0]).is_file():
        events = list(reading.events(cassettes[0]))
        _print(arguments, reading, [event_json(one) for one in events], _event_lines(events))
    else:
        counted = [_counted(path, reading.events(path)) for path in cassettes]
        meant = [one for one in counted if one.sums.events or not arguments.filters]
        _print(arguments, reading, [_cassette_json(one) for one in meant], _cassette_lines(meant))
    return reading.report_damage()


def _print(
    arguments: Namespace, reading: Reading, rows: Sequence[Json], lines: Sequence[str]
) -> None:
    if arguments.json:
        print(json_text(rows))
    else:
        print("\n".join(lines) if rows or not arguments.filters else reading.nothing)


def _width() -> int:
    return shutil.get_terminal_size().columns


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """The row of a cassette; its events are not held in memory."""

    path: Path
    models: Sequence[str | None]
    day: str
    """Of the newest event."""
    sums: Sums


def _counted(path: Path, events: Iterable[RecordedEvent]) -> _Counted:
    models: dict[str | None, None] = {}
    latest, figures = "", []
    for one in events:
        models[one.event.model] = None
        latest = max(latest, one.event.measured.at or "")
        figures.append(one.figures)
    return _Counted(path=path, models=[*models], day=latest[:10], sums=Sums.of(figures))


def _cassette_lines(cassettes: Sequence[_Counted]) -> list[str]:
    rows = [
        Row(cells=(shown_path(one.path), f"{one.sums.events:,}", one.day), sums=one.sums)
        for one in cassettes
    ]
    if len(cassettes) > 1:
        total = Sums.together(one.sums for one in cassettes)
        name = f"{len(cassettes):,} cassettes"
        rows.append(Row(cells=(name, f"{total.events:,}", ""), sums=total))
    return inventory_lines(("cassette", "events", "recorded"), rows, _width())


def _event_lines(events: Sequence[RecordedEvent]) -> list[str]:
    rows = [
        Row(cells=(one.label, one.event.model or "", _ending(one)), sums=_sums([one]))
        for one in events
    ]
    if len(events) > 1:
        rows.append(Row(cells=(f"{len(events):,} events", "", ""), sums=_sums(events)))
    return inventory_lines(("event", "model", "ended with"), rows, _width())


def _session_lines(sessions: Sequence[SessionEvents]) -> list[str]:
    if not sessions:
        return ["no event names a session; a replay takes the events of a cassette for one"]
    rows = [
        Row(
            cells=(one.title, f"{len(one.events):,}", _common(one.paths)),
            sums=one.sums,
        )
        for one in sessions
    ]
    return inventory_lines(("session", "events", "path"), rows, _width())


def _sums(events: Sequence[RecordedEvent]) -> Sums:
    return Sums.of(one.figures for one in events)


def _ending(one: RecordedEvent) -> str:
    response = one.event.response
    return "error" if response.error is not None else response.finish_reason or ""


def _common(paths: Sequence[str]) -> str:
    """The place below which all of them are."""
    if len(paths) == 1:
        return paths[0]
    common = os.path.commonpath([f"/{path.strip('/')}" for path in paths])
    return f"{common.rstrip('/')}/…"


def _cassette_json(one: _Counted) -> dict[str, Json]:
    fields: dict[str, Json] = {"cassette": shown_path(one.path), "models": [*one.models]}
    return fields | {"recorded": one.day or None} | one.sums.as_json()


def _session_json(one: SessionEvents) -> dict[str, Json]:
    ids: list[Json] = [event.node_id for event in one.events]
    paths: list[Json] = [*one.paths]
    fields: dict[str, Json] = {"id": one.id, "name": one.name, "paths": paths}
    return fields | one.sums.as_json() | {"ids": ids}


LIST = Command(
    name="list",
    help="List cassettes, the events of one, or sessions, with tokens, time and cost.",
    add_arguments=_add_arguments,
    run=_run,
)
