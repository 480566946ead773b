"""What `show` says of cassettes, single events and sessions."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_llmreplay.event import Json, JsonBody
from pytest_llmreplay.report.calls.conversation import EventView, event_lines
from pytest_llmreplay.report.cassettes.inventory import Branch, tree_lines
from pytest_llmreplay.report.text.sanitise import json_text

from .reading import Reading
from .recordings import RecordedEvent, cassettes_meant, event_json
from .sessions import SessionEvents, session_named, tree_of

__all__ = ["is_recorded", "show_recorded"]

_ENDINGS = (".yaml", ".yml")


def is_recorded(typed: str) -> bool:
    """Whether a name is one of a cassette or of an event in it."""
    return typed.partition("::")[0].endswith(_ENDINGS)


def show_recorded(typed: str, paths: Sequence[str], reading: Reading, *, as_json: bool) -> None:
    """Show a cassette, all of a directory, an event or a session.

    Args:
        typed: What the user calls it.
        paths: Where sessions are looked for.
        reading: Reads cassettes.
        as_json: Whether a program reads it.

    Raises:
        ConfigError: There is no such thing; the message names the nearest.
        CassetteError: An event that is named cannot be read.
    """
    if is_recorded(typed):
        _show_events(reading.named(typed), reading, as_json=as_json)
    elif Path(typed).is_dir():
        _show_events(reading.all_of(cassettes_meant([typed])), reading, as_json=as_json)
    else:
        _show_session(typed, paths, reading, as_json=as_json)


def _show_session(typed: str, paths: Sequence[str], reading: Reading, *, as_json: bool) -> None:
    session = session_named(typed, reading.all_of(cassettes_meant(paths)))
    if as_json:
        print(json_text(_session_json(session)))
    else:
        print("\n".join(tree_lines([tree_of(session)], shutil.get_terminal_size().columns)))


def _show_events(events: Iterable[RecordedEvent], reading: Reading, *, as_json: bool) -> None:
    if as_json:
        print(json_text([_whole(one) for one in events]))
        return
    width, index = shutil.get_terminal_size().columns, -1
    for index, one in enumerate(events):
        view = EventView(
            node_id=one.node_id, event=one.event, figures=one.figures, accepted=one.accepted
        )
        print("\n".join([*[""] * bool(index), *event_lines(view, width)]))
    if index < 0:
        print(reading.nothing)


def _whole(one: RecordedEvent) -> dict[str, Json]:
    """An event with its request as it went over the wire, and its answer in neutral terms."""
    body, response = one.event.exchange.request.body, one.event.response
    calls: list[Json] = [
        {"name": call.name, "arguments": call.arguments} for call in response.tool_calls
    ]
    fields = event_json(one)
    fields["request"] = body.value if isinstance(body, JsonBody) else None
    fields["answer"] = {"text": response.text, "tool_calls": calls}
    return fields


def _session_json(session: SessionEvents) -> dict[str, Json]:
    fields: dict[str, Json] = {"id": session.id, "name": session.name}
    return fields | {"tree": _branch_json(tree_of(session))}


def _branch_json(branch: Branch) -> dict[str, Json]:
    inner: list[Json] = [_branch_json(one) for one in branch.branches]
    fields: dict[str, Json] = {"name": branch.name, "event": branch.label}
    return fields | branch.sums.as_json() | {"branches": inner}
