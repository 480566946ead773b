"""The sessions of recorded events, and the tree of each by its paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.report.cassettes.inventory import Branch, Sums

from .recordings import RecordedEvent

__all__ = ["SessionEvents", "session_named", "sessions_in", "tree_of"]

_NEAR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvents:
    """Events that belong together."""

    id: str | None
    name: str | None
    events: Sequence[RecordedEvent]
    """In the order of their calls."""

    @property
    def title(self) -> str:
        """Name and id, as far as there are such."""
        both = [self.name, self.id if self.name is None else self.id and f"({self.id})"]
        return " ".join(filter(None, both)) or self.paths[0]

    @property
    def paths(self) -> list[str]:
        """Places of its events."""
        return list(dict.fromkeys(_path(one) for one in self.events))

    @property
    def sums(self) -> Sums:
        """What all calls took."""
        return Sums.of(one.figures for one in self.events)


def sessions_in(events: Iterable[RecordedEvent]) -> list[SessionEvents]:
    """The sessions of events, by id where they have one, else by name, else by path."""
    found: dict[tuple[str | None, str | None], list[RecordedEvent]] = {}
    for one in events:
        session = one.event.session
        if session is None:
            continue
        key = (session.id, None) if session.id else (None, session.name or session.path)
        found.setdefault(key, []).append(one)
    return [_session(members) for members in found.values()]


def session_named(wanted: str, events: Iterable[RecordedEvent]) -> SessionEvents:
    """The session with an id, a name or a path.

    Raises:
        ConfigError: There is none; the message names the nearest.
    """
    known = sessions_in(events)
    for same in (
        [one for one in known if wanted == one.id],
        [one for one in known if wanted == one.name],
        [one for one in known if wanted in one.paths],
    ):
        if len(same) == 1:
            return same[0]
        if same:
            ids = ", ".join(str(one.id or one.title) for one in same[:_NEAR])
            raise ConfigError(f"{wanted!r} is {len(same)} sessions; name one by its id: {ids}")
    raise ConfigError(f"no run, cassette, event or session {wanted!r}{_nearest(wanted, known)}")


def tree_of(session: SessionEvents) -> Branch:
    """The session as a tree: places by their paths, events below them, sums on each."""
    return _branch(session.title, [(_parts(one), one) for one in session.events])


def _branch(name: str, below: Sequence[tuple[Sequence[str], RecordedEvent]]) -> Branch:
    """Places and events in the order of their first call; a place with one other in it is both."""
    groups: dict[str, list[tuple[Sequence[str], RecordedEvent]]] = {}
    order: list[str | Branch] = []
    for parts, one in below:
        if not parts:
            order.append(_leaf(one))
            continue
        if parts[0] not in groups:
            order.append(parts[0])
        groups.setdefault(parts[0], []).append((parts[1:], one))
    branches = [
        entry if isinstance(entry, Branch) else _branch(f"/{entry}", groups[entry])
        for entry in order
    ]
    if len(branches) == 1 and branches[0].label is None and name.startswith("/"):
        return replace(branches[0], name=name + branches[0].name)
    return Branch(name=name, sums=Sums.of(one.figures for _, one in below), branches=branches)


def _leaf(one: RecordedEvent) -> Branch:
    return Branch(
        name=one.label,
        model=one.event.model or "",
        sums=Sums.of([one.figures]),
        label=one.node_id,
    )


def _session(members: Sequence[RecordedEvent]) -> SessionEvents:
    # Calls of several cassettes are told apart by their moment; within one the number counts.
    ordered = sorted(members, key=lambda one: (one.event.measured.at or "", one.event.number))
    declared = [one.event.session for one in ordered if one.event.session is not None]
    return SessionEvents(
        id=next((one.id for one in declared if one.id), None),
        name=next((one.name for one in declared if one.name), None),
        events=ordered,
    )


def _path(one: RecordedEvent) -> str:
    session = one.event.session
    return (session.path if session is not None else None) or "/"


def _parts(one: RecordedEvent) -> list[str]:
    return [part for part in _path(one).split("/") if part]


def _nearest(wanted: str, known: Sequence[SessionEvents]) -> str:
    names = [name for one in known for name in (one.id, one.name, *one.paths) if name]
    near = get_close_matches(wanted, names, n=_NEAR, cutoff=0.4) or names[:_NEAR]
    if not near:
        return "; `pytest-llmreplay list` names what there is"
    return f"; there is session {' or '.join(map(repr, dict.fromkeys(near)))}"
