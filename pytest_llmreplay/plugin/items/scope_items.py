"""Checks over a session and over the run as pytest items, behind the events they look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from pytest_llmreplay.cassette.sessions import sessions_of
from pytest_llmreplay.compare.specs.scoped import Scope, ScopedCheck, asked_for
from pytest_llmreplay.replay.targets.target import Target

from .collection import CassetteFile, ReplayItem, label
from .own_words_item import OwnWordsItem
from .verdict_items import RUN

if TYPE_CHECKING:
    from _typeshed import StrPath

__all__ = ["ScopeItem", "is_session", "scope_items", "with_sessions"]

_SESSION = re.compile(r"session(-[0-9]+)?\[")


class Scopes(Protocol):
    """Who judges by checks over sessions and the run."""

    def judge_scope(self, item: ScopeItem) -> None:
        """Judge; raise the failure, or skip."""
        ...


class ScopeItem(OwnWordsItem):
    """The checks over a session, or over the run, against one target."""

    def __init__(
        self,
        *,
        judge: Scopes,
        target: Target,
        checks: Sequence[ScopedCheck],
        members: Sequence[ReplayItem],
        place: str = "",
        is_whole: bool = True,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self._judge = judge
        self.target = target
        self.checks = checks
        """What it is judged by."""
        self.members = members
        """The events that it looks at, in their order."""
        self.place = place
        """Of a session, in words; empty for the run."""
        self.is_whole = is_whole
        """Whether all events of a session were selected; a part says nothing about it."""

    def setup(self) -> None:
        """Begin anew, as a rerun does."""
        self.user_properties = []

    def runtest(self) -> None:
        """Judge what the events before came to."""
        self._judge.judge_scope(self)

    def reportinfo(self) -> tuple[StrPath, int | None, str]:
        """The cassette of a session; the run is nowhere in a file."""
        return (self.path if self.place else RUN), None, self.name


def scope_items(
    session: pytest.Session,
    judge: Scopes,
    scoped: Mapping[ReplayItem, Sequence[ScopedCheck]],
) -> tuple[list[ScopeItem], list[ScopeItem]]:
    """The items of the sessions, and those of the run, in the order of the events.

    Also those of sessions that were selected in part, which are not to be run.

    Args:
        session: Of pytest.
        judge: Judges them.
        scoped: The events, and what each asks for beyond itself.
    """
    if not any(scoped.values()):
        return [], []
    sessions: dict[tuple[CassetteFile, str], list[ReplayItem]] = {}
    targets: dict[str, list[ReplayItem]] = {}
    for item in scoped:
        sessions.setdefault((item.parent, item.target.name), []).append(item)
        targets.setdefault(item.target.name, []).append(item)
    over_sessions = [
        one
        for (file, _), members in sessions.items()
        if _asked(members, scoped, "session")
        for one in _sessions(file, members, scoped, judge)
    ]
    over_run = [
        _over_run(session, members, checks, judge)
        for members in targets.values()
        if (checks := _asked(members, scoped, "run"))
    ]
    return over_sessions, over_run


def is_session(name: str) -> bool:
    """Whether a name below a cassette is that of a session, which needs all of its events."""
    return _SESSION.match(name) is not None


def with_sessions(
    items: Iterable[ReplayItem], sessions: Iterable[ScopeItem]
) -> Iterator[pytest.Item]:
    """Every session directly behind the last of its events, wherever that was moved."""
    waiting = {item: one for one in sessions for item in one.members}
    left = {one: len(one.members) for one in waiting.values()}
    for item in items:
        yield item
        if (one := waiting.get(item)) is not None:
            left[one] -= 1
            if not left[one]:
                yield one


def _sessions(
    file: CassetteFile,
    members: Sequence[ReplayItem],
    scoped: Mapping[ReplayItem, Sequence[ScopedCheck]],
    judge: Scopes,
) -> Iterator[ScopeItem]:
    """The sessions of a cassette and a target of which any event was selected."""
    by_place = {item.place: item for item in members}
    known = sessions_of(file.cassette)
    for number, (name, places) in enumerate(known.items(), 1):
        chosen = [by_place[place] for place in places if place in by_place]
        checks = _asked(chosen, scoped, "session")
        if not checks:
            continue
        shown = f"session{f'-{number}' if len(known) > 1 else ''}[{label(chosen[0].target)}]"
        yield ScopeItem.below(
            file,
            file.nodeid,
            shown,
            judge=judge,
            target=chosen[0].target,
            checks=checks,
            members=chosen,
            place=name,
            is_whole=len(chosen) == len(places),
        )


def _over_run(
    session: pytest.Session,
    members: Sequence[ReplayItem],
    checks: Sequence[ScopedCheck],
    judge: Scopes,
) -> ScopeItem:
    target = members[0].target
    return ScopeItem.below(
        session,
        RUN,
        f"checks[{label(target)}]",
        judge=judge,
        target=target,
        checks=checks,
        members=members,
    )


def _asked(
    items: Iterable[ReplayItem], scoped: Mapping[ReplayItem, Sequence[ScopedCheck]], over: Scope
) -> Sequence[ScopedCheck]:
    return asked_for((scoped[item] for item in items), over)
