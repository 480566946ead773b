"""What checks over sessions and over the run come to, for the answers that two runs have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from pytest_llmreplay.cassette.sessions import session_of, sessions_of
from pytest_llmreplay.compare.call_figures import (
    NO_FIGURES,
    EventFigures,
    Figures,
    figures_of_both,
)
from pytest_llmreplay.compare.check import Finding, NotMeasured, Pair
from pytest_llmreplay.compare.outcome import Comparison, Judged, concluded
from pytest_llmreplay.compare.scoped import RunCheck, ScopedCheck, SessionCheck, asked_for
from pytest_llmreplay.replay.calls import Call, Identity
from pytest_llmreplay.report.over_both import OverBoth
from pytest_llmreplay.runs.recordings import Recordings

from .event_checks import EventChecks

__all__ = ["Floor", "OverRuns"]

Floor = dict[Identity, tuple[Figures, ...]]
"""What the recorded model's own answers to each event took."""

_Places = dict[int, Identity]


@dataclass(slots=True)
class _Side:
    """The answers of one run."""

    pairs: dict[Identity, Pair] = field(default_factory=dict)
    """The first answer to each event; none where there was an error."""
    figures: dict[Identity, EventFigures] = field(default_factory=dict)

    def take(self, key: Identity, sample: int, pair: Pair | None, session: str) -> None:
        known = self.figures.get(key) or EventFigures(
            key=f"{key.cassette}::{key.label}", session=session
        )
        recorded, replayed = (NO_FIGURES, NO_FIGURES) if pair is None else figures_of_both(pair)
        known = known if known.recorded != NO_FIGURES else replace(known, recorded=recorded)
        self.figures[key] = replace(known, replayed=(*known.replayed, replayed))
        if pair is not None and sample == 0:
            self.pairs[key] = pair


class OverRuns:
    """Collects the answers of both runs to the same events against one target.

    The answers of the recorded model that a run has are its noise floor, as when it was made.

    Args:
        recordings: Knows the cassettes.
        checks: Knows what events ask for.
        floors: What the recorded model's own answers took, in either run.
    """

    def __init__(
        self, recordings: Recordings, checks: EventChecks, floors: Sequence[Floor]
    ) -> None:
        self._recordings, self._checks, self._floors = recordings, checks, floors
        self._sides = _Side(), _Side()
        self._scoped: dict[Identity, Sequence[ScopedCheck]] = {}
        self._cassettes: dict[str, tuple[Call, _Places]] = {}

    def take(self, call: Call, pairs: Sequence[Pair | None]) -> None:
        """Note what both runs answered to an event.

        Args:
            call: Of either.
            pairs: The answers; none where there was an error.
        """
        key, document = call.identity, self._recordings.document(call)
        self._scoped[key] = self._checks.in_force(document, self._recordings.path(call)).scoped
        _, places = self._cassettes.setdefault(key.cassette, (call, {}))
        places[self._recordings.place(call)] = key
        session = session_of(document)
        named = (session and (session.id or session.name)) or key.cassette
        for side, pair in zip(self._sides, pairs, strict=True):
            side.take(key, call.sample, pair, named)

    def found(self, target: str) -> Iterator[OverBoth]:
        """What each session that both runs have whole comes to, then the run."""
        if not any(self._scoped.values()):
            return
        for call, places in self._cassettes.values():
            yield from self._sessions(call, places, target)
        if checks := asked_for(self._scoped.values(), "run"):
            a, b = (self._over_run(side, checks) for side in (0, 1))
            yield OverBoth(place="the run", node_id=f"llm-run::checks[{target}]", a=a, b=b)

    def _sessions(self, call: Call, places: _Places, target: str) -> Iterator[OverBoth]:
        for name, members in sessions_of(self._recordings.cassette(call)).items():
            keys = [places[place] for place in members if place in places]
            checks = asked_for((self._scoped[key] for key in keys), "session")
            if checks and len(keys) == len(members):
                a, b = (_over_session(side, keys, checks) for side in self._sides)
                shown = f"{call.identity.cassette}::{name}[{target}]"
                yield OverBoth(place=name, node_id=shown, a=a, b=b)

    def _over_run(self, side: int, checks: Sequence[ScopedCheck]) -> Comparison:
        call, _ = next(iter(self._cassettes.values()))
        rules = self._checks.rules(self._recordings.path(call).parent)
        found, floor = self._sides[side].figures, self._floors[side]
        beside = {key: replace(one, calibration=floor.get(key, ())) for key, one in found.items()}
        whole = all(one.calibration for one in beside.values())
        events = tuple(beside.values() if whole else found.values())
        return _concluded(checks, [cast("RunCheck", one).judge(events, rules) for one in checks])


def _over_session(
    side: _Side, keys: Sequence[Identity], checks: Sequence[ScopedCheck]
) -> Comparison:
    pairs = [side.pairs[key] for key in keys if key in side.pairs]
    if len(pairs) == len(keys):
        return _concluded(checks, [cast("SessionCheck", one).judge(pairs) for one in checks])
    missing = next(number for number, key in enumerate(keys, 1) if key not in side.pairs)
    reason = f"call {missing} of {len(keys)}: no answer"
    return _concluded(checks, [NotMeasured(check=one.spec, reason=reason) for one in checks])


def _concluded(checks: Sequence[ScopedCheck], findings: Sequence[Finding]) -> Comparison:
    judged = (
        Judged(finding=finding, gated=check.gated, asked=check.asked)
        for check, finding in zip(checks, findings, strict=True)
    )
    return concluded(tuple(judged), live=True)
