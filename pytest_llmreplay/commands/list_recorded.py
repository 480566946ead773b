"""`pytest-llmreplay list`: cassettes, events and sessions, with what their calls took."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from pytest_llmreplay.event import Json
from pytest_llmreplay.report.inventory import Row, Sums, inventory_lines

from .command import Command, Exit
from .recordings import RecordedEvent, cassettes_meant, event_json, events_of
from .sessions import SessionEvents, sessions_in

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
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def _run(arguments: Namespace) -> Exit:
    cassettes = cassettes_meant(arguments.paths)
    if arguments.sessions:
        found = sessions_in(one for path in cassettes for one in events_of(path))
        _print(arguments, [_session_json(one) for one in found], _session_lines(found))
    elif len(cassettes) == 1 and arguments.paths and Path(arguments.paths[0]).is_file():
        events = list(events_of(cassettes[0]))
        _print(arguments, [event_json(one) for one in events], _event_lines(events))
    else:
        all_of_them = [(path, list(events_of(path))) for path in cassettes]
        _print(arguments, [_cassette_json(*one) for one in all_of_them], _lines(all_of_them))
    return Exit.OK


def _print(arguments: Namespace, told: Json, lines: Sequence[str]) -> None:
    print(json.dumps(told, indent=2) if arguments.json else "\n".join(lines))


def _width() -> int:
    return shutil.get_terminal_size().columns


def _lines(cassettes: Sequence[tuple[Path, Sequence[RecordedEvent]]]) -> list[str]:
    rows = [
        Row(cells=(_shown(path), f"{len(events):,}", _day(events)), sums=_sums(events))
        for path, events in cassettes
    ]
    all_events = [one for _, events in cassettes for one in events]
    if len(cassettes) > 1:
        name = f"{len(cassettes):,} cassettes"
        rows.append(Row(cells=(name, f"{len(all_events):,}", ""), sums=_sums(all_events)))
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
        return ["no event belongs to a session"]
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


def _day(events: Sequence[RecordedEvent]) -> str:
    return max((one.event.measured.at or "" for one in events), default="")[:10]


def _common(paths: Sequence[str]) -> str:
    """The place below which all of them are."""
    common = os.path.commonpath(paths) if all(path[:1] == "/" for path in paths) else paths[0]
    return common if len(paths) == 1 else f"{common.rstrip('/')}/…"


def _shown(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()


def _cassette_json(path: Path, events: Sequence[RecordedEvent]) -> dict[str, Json]:
    models: list[Json] = [*dict.fromkeys(one.event.model for one in events)]
    told: dict[str, Json] = {"cassette": _shown(path), "models": models}
    return told | {"recorded": _day(events) or None} | _sums(events).as_json()


def _session_json(one: SessionEvents) -> dict[str, Json]:
    ids: list[Json] = [event.node_id for event in one.events]
    paths: list[Json] = [*one.paths]
    told: dict[str, Json] = {"id": one.id, "name": one.name, "paths": paths}
    return told | one.sums.as_json() | {"ids": ids}


LIST = Command(
    name="list",
    help="List cassettes, the events of one, or sessions, with tokens, time and cost.",
    add_arguments=_add_arguments,
    run=_run,
)
