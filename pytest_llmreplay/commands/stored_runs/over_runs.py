"""What checks over sessions and over the run come to, for the answers that two runs have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

from pytest_llmreplay.cassette.sessions import session_of, sessions_of
from pytest_llmreplay.commands.projects.event_checks import EventChecks
from pytest_llmreplay.compare.check import Finding, NotMeasured
from pytest_llmreplay.compare.checks.run_score import RunScore
from pytest_llmreplay.compare.figures.call_figures import NO_FIGURES, EventFigures, figures_of_both
from pytest_llmreplay.compare.judging import concluded
from pytest_llmreplay.compare.outcome import Comparison, Judged
from pytest_llmreplay.compare.specs.scoped import RunCheck, ScopedCheck, SessionCheck, asked_for
from pytest_llmreplay.replay.calls.call import Identity
from pytest_llmreplay.replay.unsent.wordless import asks_no_words
from pytest_llmreplay.report.two_runs.over_both import OverBoth
from pytest_llmreplay.runs.recordings import Recordings
from pytest_llmreplay.runs.stored import StoredCall

from .one_floor import OneFloor
from .stored_answers import StoredAnswers

__all__ = ["OverRuns"]

_Keys = Sequence[Identity]


@dataclass(slots=True)
class _Side:
    """One run: its calls to each event."""

    answers: StoredAnswers
    calls: dict[Identity, list[StoredCall]] = field(default_factory=dict)


class OverRuns:
    """Collects the calls of both runs to the same events of one target.

    Args:
        recordings: Knows the cassettes.
        checks: Knows what events ask for.
        both: The answers of either run.
        floor: Has the noise floor of both.
    """

    def __init__(
        self,
        recordings: Recordings,
        checks: EventChecks,
        both: Sequence[StoredAnswers],
        floor: OneFloor,
    ) -> None:
        self._floor = cache(lambda judged: floor.of(self._calls, judged=judged))
        self._recordings, self._checks = recordings, checks
        self._sides = tuple(map(_Side, both))
        self._scoped: dict[Identity, Sequence[ScopedCheck]] = {}

    def take(self, calls: Sequence[StoredCall]) -> None:
        """Note the calls of both runs to an event."""
        call = calls[0].call
        path, document = self._recordings.path(call), self._recordings.document(call)
        self._scoped[call.identity] = self._checks.in_force(document, path).scoped
        for side, stored in zip(self._sides, calls, strict=True):
            side.calls.setdefault(call.identity, []).append(stored)

    def found(self, target: str) -> Iterator[OverBoth]:
        """What each session that both runs have whole comes to, then the run."""
        yield from self._sessions(target)
        if checks := asked_for(self._scoped.values(), "run"):
            a, b = (self._over_run(side, checks) for side in self._sides)
            yield OverBoth(place="the run", node_id=f"llm-run::checks[{target}]", a=a, b=b)

    def _sessions(self, target: str) -> Iterator[OverBoth]:
        for cassette, places in self._places().items():
            call = self._sides[0].calls[next(iter(places.values()))][0].call
            recorded = self._recordings.cassette(call)
            for name, members in sessions_of(recorded).items():
                keys = [places[place] for place in members if place in places]
                checks = asked_for((self._scoped[key] for key in keys), "session")
                lacking = (recorded.document(place) for place in members if place not in places)
                if checks and all(asks_no_words(one.question) for one in lacking):
                    a, b = (_over_session(side, keys, checks) for side in self._sides)
                    yield OverBoth(place=name, node_id=f"{cassette}::{name}[{target}]", a=a, b=b)

    def _places(self) -> dict[str, dict[int, Identity]]:
        """The events of each cassette of which any asks for a check over its session."""
        if not asked_for(self._scoped.values(), "session"):
            return {}
        found: dict[str, dict[int, Identity]] = {}
        for key, calls in self._sides[0].calls.items():
            place = self._recordings.place(calls[0].call)
            found.setdefault(key.cassette, {})[place] = key
        return found

    def _over_run(self, side: _Side, checks: Sequence[ScopedCheck]) -> Comparison:
        first = next(iter(side.calls.values()))[0]
        rules = self._checks.rules(self._recordings.path(first.call).parent)
        found = {key: self._figures(side, key) for key in side.calls}
        return _concluded(
            checks,
            [cast("RunCheck", one).judge(self._beside_floor(found, one), rules) for one in checks],
        )

    def _beside_floor(
        self, found: Mapping[Identity, EventFigures], check: ScopedCheck
    ) -> Sequence[EventFigures]:
        """The figures of events, with the noise floor where there is one for all of them."""
        floor = self._floor(isinstance(check, RunScore) and check.relative)
        if floor is None:
            return tuple(found.values())
        return [replace(one, calibration=floor[key]) for key, one in found.items()]

    @property
    def _calls(self) -> Mapping[Identity, StoredCall]:
        """The first call to each event."""
        return {key: calls[0] for key, calls in self._sides[0].calls.items()}

    def _figures(self, side: _Side, key: Identity) -> EventFigures:
        """What all samples of an event took."""
        calls = side.calls[key]
        session = session_of(self._recordings.document(calls[0].call))
        named = (session and (session.id or session.name)) or key.cassette
        pairs = [side.answers.answered(stored) for stored in calls]
        took = [(NO_FIGURES, NO_FIGURES) if one is None else figures_of_both(one) for one in pairs]
        return EventFigures(
            key=f"{key.cassette}::{key.label}",
            session=named,
            recorded=next((then for then, _ in took if then != NO_FIGURES), NO_FIGURES),
            replayed=tuple(now for _, now in took),
        )


def _over_session(side: _Side, keys: _Keys, checks: Sequence[ScopedCheck]) -> Comparison:
    """What the first answers to the events of a session come to."""
    first = (min(side.calls[key], key=lambda one: one.call.sample) for key in keys)
    answers = [side.answers.answered(stored) for stored in first]
    pairs = [pair for pair in answers if pair is not None]
    if len(pairs) == len(keys):
        return _concluded(checks, [cast("SessionCheck", one).judge(pairs) for one in checks])
    reason = f"call {answers.index(None) + 1} of {len(keys)}: no answer"
    return _concluded(checks, [NotMeasured(check=one.spec, reason=reason) for one in checks])


def _concluded(checks: Sequence[ScopedCheck], findings: Sequence[Finding]) -> Comparison:
    judged = (
        Judged(finding=finding, gated=check.gated, asked=check.asked)
        for check, finding in zip(checks, findings, strict=True)
    )
    return concluded(tuple(judged), live=True)
