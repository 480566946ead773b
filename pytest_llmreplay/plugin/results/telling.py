"""From a result to what the report stage shows of it."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.sessions import head_of, session_of
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.judging import accepting_helps
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import Session
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Sampled
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.replay.calls.retry import THROTTLED
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.money.reserving import is_free
from pytest_llmreplay.report.calls.divergence import (
    DivergenceView,
    FailureView,
    divergence_text,
    failure_text,
)
from pytest_llmreplay.report.calls.place import Standing
from pytest_llmreplay.report.calls.samples import SamplesView
from pytest_llmreplay.report.summary.alike import problem_alike
from pytest_llmreplay.report.summary.result import EventResult, compared

from .next_commands import ReplayCommands, StoredCommands

__all__ = ["FailureTexts", "item_result", "result_of", "session_key"]


class FailureTexts:
    """Writes the text of a failed item: what differs, and the commands that go on from there.

    Args:
        settings: The options of the run.
        commands: The commands that go on from a failure.
        stored: Those that go on from the stored run.
    """

    def __init__(
        self, settings: Settings, commands: ReplayCommands, stored: StoredCommands
    ) -> None:
        self._settings, self._commands, self._stored = settings, commands, stored
        self._told: dict[tuple[str, str], ReplayItem] = {}
        """The first item with a problem at a target, of which all is said."""

    def failure(self, item: ReplayItem, sampled: Sampled, width: int) -> str:
        """The text that pytest shows for a failed item."""
        return (
            self._without_answer(item, sampled, width)
            if sampled.shown.pair is None
            else self._divergence(item, sampled, width)
        )

    def _without_answer(self, item: ReplayItem, sampled: Sampled, width: int) -> str:
        result = sampled.shown
        problem = result.comparison.error or "no answer"
        first = self._told.setdefault((item.target.name, problem_alike(problem)), item)
        view = FailureView(
            problem=problem,
            standing=self._standing(item),
            target=item.target.name,
            sent=self._sent(item, result),
            again=self._commands.one(item),
            told=None if first is item else f"{self._commands.path(first.path)}:{first.line}",
            samples=_samples(sampled),
        )
        return failure_text(view, width)

    def _divergence(self, item: ReplayItem, sampled: Sampled, width: int) -> str:
        result = sampled.shown
        assert result.pair is not None
        view = DivergenceView(
            pair=result.pair,
            comparison=result.comparison,
            standing=self._standing(item),
            target=item.target.name,
            baseline="recorded" if item.accepted is None else "accepted",
            sent=self._sent(item, result),
            checks=_own_checks(item),
            accept=self._accept(item, result, result.pair),
            see=self._stored.show(item),
            taken_from=_taken_from(result),
            samples=_samples(sampled),
        )
        return divergence_text(view, width)

    def _accept(self, item: ReplayItem, result: Result, pair: Pair) -> str | None:
        if not accepting_helps(pair, item.checks):
            return None
        return self._stored.accept(item, result) or self._commands.accept(item)

    def _sent(self, item: ReplayItem, result: Result) -> tuple[str, ...]:
        """What was changed in the request, and what its conversion lost."""
        if item.target.kind == "recorded":
            return ()
        target = item.target
        own = (f"{key}={value!r}" for key, value in target.parameters.items())
        variant = (f"variant {target.variant.name}",) if target.variant else ()
        return (*own, *variant, *self._settings.overrides, *_converted(result))

    def _standing(self, item: ReplayItem) -> Standing:
        head = head_of(item.document)
        session = head.session if head is not None else None
        turns = _turns(item, session) if session is not None else []
        return Standing(
            cassette=self._commands.path(item.path),
            line=item.line,
            event=item.document.number,
            session=session,
            turn=turns.index(item.place) + 1 if turns else None,
            turns=len(turns) or None,
            history=f"{self._settings.history} history",
        )


def _samples(sampled: Sampled) -> SamplesView:
    rule = sampled.rule
    return SamplesView(outcomes=sampled.outcomes, planned=rule.samples, needed=rule.needed)


def item_result(item: ReplayItem, sampled: Sampled) -> EventResult:
    """What came of an item, as summary and JUnit take it."""
    event_result = result_of(item, sampled.shown)
    if sampled.rule.samples == 1:
        return event_result
    return replace(event_result, samples=len(sampled.results), held=sampled.held)


def session_key(item: ReplayItem) -> str:
    """What tells the session of an event from others."""
    session = session_of(item.document)
    return (session and (session.id or session.name)) or str(item.path)


def result_of(item: ReplayItem, result: Result) -> EventResult:
    """The result as summary and JUnit take it."""
    document, key = item.document, session_key(item)
    if result.pair is not None:
        outgoing = None if result.reply is None else result.reply.outgoing
        return compared(
            result.pair,
            result.comparison,
            node_id=item.nodeid,
            target=item.target.name,
            session=key,
            lost=result.lost,
            taken_from=_taken_from(result),
            own_price=outgoing is not None and outgoing.price is not None,
            free=outgoing is not None and is_free(outgoing),
        )
    attempts = result.failure.attempts if result.failure is not None else ()
    return EventResult(
        node_id=item.nodeid,
        target=item.target.name,
        outcome=result.comparison.outcome,
        fails=result.comparison.fails,
        reason=result.comparison.error,
        session=key,
        live=result.failure is not None,
        retries=len(attempts),
        throttled=sum(attempt.status in THROTTLED for attempt in attempts),
        recorded_at=_recorded_at(document),
    )


def _taken_from(result: Result) -> str | None:
    return None if result.reply is None else result.reply.taken_from


def _converted(result: Result) -> tuple[str, ...]:
    """In which format the request was sent, where it was recorded in another."""
    baseline, replayed = result.baseline, result.replayed
    if result.reply is None or baseline is None or replayed is None:
        return ()
    if not result.reply.outgoing.converted:
        return ()
    lost = f", without {', '.join(result.lost)}" if result.lost else ""
    return (f"converted to {replayed.api}{lost}",)


def _recorded_at(document: EventDocument) -> str | None:
    try:
        return document.measured.at
    except CassetteError:
        return None


def _turns(item: ReplayItem, session: Session) -> list[int]:
    """Places of the events of a session in their cassette."""
    documents = enumerate(item.parent.cassette.documents)
    return [place for place, document in documents if session_of(document) == session]


def _own_checks(item: ReplayItem) -> tuple[str, ...]:
    document = item.document
    own, header = document.head.checks, document.header.checks
    return (header or ()) if own is None else own
