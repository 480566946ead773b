"""What each side of a `diff` is: an event, a cassette, a directory of them, or a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os.path import relpath
from pathlib import Path
from typing import Literal

from pytest_llmreplay.commands.stored_runs.stored_run import is_run
from pytest_llmreplay.errors import ConfigError

from .reading import Reading
from .recordings import RecordedEvent, cassettes_meant
from .sessions import session_named
from .show_recorded import is_recorded

__all__ = ["Side", "named", "sides_of"]

_ONE_CASSETTE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Events, in groups of which each is held against that of the same name."""

    kind: Literal["event", "cassette", "directory"]
    """A session is held against another one as a cassette is."""
    groups: Mapping[str, Callable[[], Sequence[RecordedEvent]]]
    """By the path of a cassette in its directory; read when they are asked for."""
    spread: bool = False
    """Whether they are of several cassettes, and are called by these."""


def sides_of(before: str, after: str, reading: Reading) -> tuple[Side, Side]:
    """What two names mean.

    Args:
        before: As it was typed.
        after: What is held against it.
        reading: Reads the cassettes.

    Raises:
        ConfigError: There is no such thing, or both are of different kinds.
        CassetteError: An event that is named cannot be read.
    """
    both = _side(before, reading), _side(after, reading)
    kinds = [one.kind for one in both]
    if kinds[0] != kinds[1]:
        raise ConfigError(
            f"{_a(kinds[0])} and {_a(kinds[1])} cannot be compared; name two of the same kind"
        )
    return both


def named(side: Side, group: str, one: RecordedEvent) -> str:
    """What an event is called: its label, behind its cassette where there are several."""
    if side.spread:
        return one.node_id
    return f"{group}::{one.label}" if group else one.label


def _side(typed: str, reading: Reading) -> Side:
    if is_recorded(typed) or Path(typed).is_file():
        kind: Literal["event", "cassette"] = "event" if "::" in typed else "cassette"
        events = list(reading.named(typed))
        return Side(kind=kind, groups={_ONE_CASSETTE: lambda: events})
    if Path(typed).is_dir():
        cassettes = {relpath(path, typed): path for path in cassettes_meant([typed])}
        groups = {name: partial(_listed, reading, path) for name, path in cassettes.items()}
        return Side(kind="directory", groups=groups)
    if is_run(typed):
        way = "pytest-llmreplay compare RUN_A RUN_B"
        raise ConfigError(f"{typed!r} is a run; for two runs there is: {way}")
    session = session_named(typed, reading.all_of(cassettes_meant([])))
    spread = len({one.cassette for one in session.events}) > 1
    return Side(kind="cassette", groups={_ONE_CASSETTE: lambda: session.events}, spread=spread)


def _listed(reading: Reading, path: Path) -> list[RecordedEvent]:
    return list(reading.events(path))


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "event" else f"a {kind}"
