"""What is said in sessions that run freely: what the target answered stands in later requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import uuid4

from pytest_llmreplay.cassette.sessions import session_of
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.event import Event, Session
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, item_of
from pytest_llmreplay.replay.entry import Entry, Result
from pytest_llmreplay.replay.sessions.history import FreeSession
from pytest_llmreplay.replay.sessions.kept_conversations import session_events
from pytest_llmreplay.replay.sessions.tool_results import ToolAnswer, shown_call
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.report.free_session import FreeSessionView, TurnView, free_session_lines

__all__ = ["FreeSessions"]


class _Round(Further):
    """A further call for an event: the target is asked on with the results of its tools.

    Args:
        item: Whose event it is.
        number: Of the call, counted from 1.
    """

    __slots__ = ()

    def __init__(self, item: ReplayItem, number: int) -> None:
        super().__init__(item, number)
        self.purpose = "round"

    @property
    def accepted(self) -> None:
        """Nothing was recorded to compare it with."""

    @property
    def checks(self) -> Sequence[Check]:
        """The event is judged by its own answer; checks over the session look at all of them."""
        return ()


@dataclass(slots=True, eq=False, kw_only=True)
class _Session:
    """The events of a session and a target that were selected, in the order of the recording."""

    name: str
    target: Target
    items: list[ReplayItem] = field(default_factory=list)
    id: str
    """Of the session as it is run through now; name and path are the recorded ones."""
    run: FreeSession | None = None
    """Its way through the target, from the first event that is sent to the last."""
    turns: list[TurnView] = field(default_factory=list)


class FreeSessions:
    """What is said in all sessions of a run; a `History`.

    Args:
        tool: Asked for the results of calls that no recording knows.
        known: The id under which the session of an item ran before, where it is judged again.
    """

    def __init__(
        self, tool: ToolAnswer, known: Callable[[ReplayItem], str | None] = lambda _: None
    ) -> None:
        self._tool, self._known = tool, known
        self._of: dict[Entry, tuple[_Session, int]] = {}

    def expect(self, items: Iterable[ReplayItem]) -> None:
        """Put the items into their sessions."""
        found: dict[tuple[object, ...], _Session] = {}
        for item in sorted(items, key=lambda one: one.place):
            known = session_of(item.document)
            key = (item.parent, item.target.name, known.id if known else None)
            name = (known.name or known.path or known.id) if known else None
            shown = f"session {name} of {item.parent.name}" if name else item.parent.name
            if (session := found.get(key)) is None:
                run = self._known(item) or str(uuid4())
                session = found[key] = _Session(name=shown, target=item.target, id=run)
            self._of[item] = session, len(session.items)
            session.items.append(item)

    def is_first(self, item: ReplayItem) -> bool:
        """Whether an item waits for no other."""
        return self._of[item][1] == 0

    def asked(self, entry: Entry) -> Event:
        """The event as it is to be sent."""
        session, place = self._place(entry)
        run = self._run(session)
        return run.asked_on(place) if isinstance(entry, _Round) else run.asked(place)

    def session(self, entry: Entry) -> str:
        """Id of the session in which an entry is asked now."""
        return self._place(entry)[0].id

    def told(self, entry: Entry, event: Event) -> Event:
        """The event in its new session."""
        return replace(event, session=replace(event.session or Session(), id=self.session(entry)))

    def take(self, entry: ReplayItem | Further, result: Result) -> Further | None:
        """Note what came of a call; the further one that the target has to be asked, if any."""
        if result.replayed is None:
            return None
        session, place = self._place(entry)
        run = self._run(session)
        run.take(place, result.replayed)
        return _Round(item_of(entry), entry.sample + 1) if run.goes_on(place) else None

    def end(self, item: ReplayItem, result: Result | None) -> ReplayItem | None:
        """Note what came of an item in all; the one that may be sent now, if any is left."""
        session, place = self._of[item]
        session.turns.append(_turn(item, result))
        following = next(iter(session.items[place + 1 : place + 2]), None)
        if following is None:
            session.run = None  # with all that was said in it
        return following

    def lines(self, width: int) -> list[str]:
        """What the summary says of them."""
        views = [
            FreeSessionView(
                name=session.name,
                target=session.target.name,
                id=session.id,
                turns=tuple(session.turns),
            )
            for session in dict.fromkeys(session for session, _ in self._of.values())
            if session.turns
        ]
        return free_session_lines(views, width)

    def _place(self, entry: Entry) -> tuple[_Session, int]:
        return self._of[item_of(cast("ReplayItem | Further", entry))]

    def _run(self, session: _Session) -> FreeSession:
        if session.run is None:
            cassette = session.items[0].parent.cassette
            places = [one.place for one in session.items]
            session.run = FreeSession(session_events(cassette, places), self._tool)
        return session.run


def _turn(item: ReplayItem, result: Result | None) -> TurnView:
    if result is None:
        return TurnView(label=item.label, outcome="error")
    comparison = result.comparison
    checks = ", ".join(one.check for one in comparison.diverged)
    return TurnView(
        label=item.label,
        outcome=comparison.outcome,
        why=comparison.error or checks,
        further=tuple(_called(result)),
        spared=result.spared is not None,
    )


def _called(result: Result) -> Iterable[str]:
    """What the target called where the recorded model had come to an end, and was answered."""
    if result.pair is None:
        return
    _, answers = result.pair.course
    for answer in answers[:-1]:
        yield from map(shown_call, answer.response.tool_calls)
