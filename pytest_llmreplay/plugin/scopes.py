"""What checks over a session and over the run find, from results as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from pytest_llmreplay.compare.call_figures import NO_FIGURES, EventFigures, figures_of_both
from pytest_llmreplay.compare.check import Finding, NotMeasured, Pair
from pytest_llmreplay.compare.ladder import FailOn
from pytest_llmreplay.compare.outcome import Judged, concluded
from pytest_llmreplay.compare.scoped import RunCheck, SessionCheck
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.report.scoped import ScopeView, scope_lines, scope_text

from .collection import ReplayItem
from .failures import LlmFailure
from .gating import Gating
from .replay_commands import ReplayCommands
from .sampled import Sampled
from .scope_items import ScopeItem
from .telling import session_key

__all__ = ["ScopeResults"]

_NOT_SENT = ("not_replayed", "stale")


@dataclass(slots=True)
class _Waiting:
    """A session that is not over."""

    item: ScopeItem
    pairs: dict[ReplayItem, Pair] = field(default_factory=dict)
    problems: dict[ReplayItem, str] = field(default_factory=dict)


class ScopeResults:
    """Collects what the events of sessions and of the run came to, and judges them.

    Args:
        gating: Knows whose answers are the noise floor.
        commands: Knows how paths are shown.
        fail_on: From which rung of the ladder on a divergence fails.
    """

    def __init__(self, gating: Gating, commands: ReplayCommands, fail_on: FailOn) -> None:
        self._gating, self._commands, self._fail_on = gating, commands, fail_on
        self._waiting: dict[ScopeItem, _Waiting] = {}
        self._session: dict[ReplayItem, _Waiting] = {}
        self._figures: dict[str, dict[ReplayItem, EventFigures]] | None = None
        self._views: dict[ScopeItem, ScopeView] = {}

    def expect(self, items: Sequence[ScopeItem]) -> None:
        """Note what will be judged."""
        for item in items:
            if not item.place:
                self._figures = self._figures or {}
                continue
            waiting = self._waiting[item] = _Waiting(item)
            self._session |= dict.fromkeys(item.members, waiting)

    def take(self, item: ReplayItem, sampled: Sampled) -> None:
        """Note what came of an event: for its session its first answer, for the run all."""
        if (waiting := self._session.pop(item, None)) is not None:
            _note(waiting, item, sampled.results[0])
        for result in sampled.results:
            self.add(item, result)

    def add(self, item: ReplayItem, result: Result) -> None:
        """Note one more answer to an event."""
        if self._figures is None or result.comparison.outcome in _NOT_SENT:
            return
        of_target = self._figures.setdefault(item.target.name, {})
        known = of_target.get(item) or EventFigures(
            key=f"{item.parent.nodeid}::{item.label}", session=session_key(item)
        )
        of_target[item] = _added(known, result)

    def judge(self, item: ScopeItem, width: int) -> None:
        """Judge a session or the run; raise the failure, or skip."""
        view = self._views.get(item)
        if view is None:
            view = self._views[item] = self._view(item)
        if view.comparison.fails:
            raise LlmFailure(scope_text(view, width))
        if view.comparison.outcome == "not_measured":
            found = view.comparison.not_measured
            pytest.skip(f"not measured: {', '.join(one.reason for one in found)}")

    def word(self, item: ScopeItem) -> str | None:
        """The outcome of what was judged."""
        view = self._views.get(item)
        return None if view is None else view.comparison.outcome

    def lines(self, width: int) -> list[str]:
        """What was only reported, for the summary."""
        return scope_lines(tuple(self._views.values()), width)

    def _view(self, item: ScopeItem) -> ScopeView:
        findings = list(self._over_session(item) if item.place else self._over_run(item))
        judged = tuple(
            Judged(finding=finding, gated=check.gated, asked=check.asked)
            for check, finding in zip(item.checks, findings, strict=True)
        )
        live = item.target.kind != "recorded"
        return ScopeView(
            comparison=concluded(judged, live=live, fail_on=self._fail_on),
            target=item.target.name,
            cassette=self._commands.path(item.path) if item.place else None,
            place=item.place or "the run",
            events=len(item.members),
        )

    def _over_session(self, item: ScopeItem) -> Iterator[Finding]:
        waiting = self._waiting.pop(item)
        missing = _missing(waiting)
        pairs = [waiting.pairs[one] for one in item.members if one in waiting.pairs]
        for check in item.checks:
            if missing is not None:
                yield NotMeasured(check=check.spec, reason=missing)
            else:
                yield cast("SessionCheck", check).judge(pairs)

    def _over_run(self, item: ScopeItem) -> Iterator[Finding]:
        figures = self._calibrated(item.target.name)
        rules = replace(self._gating.rules(item.members[0].path.parent), schedule=None)
        for check in item.checks:
            yield cast("RunCheck", check).judge(figures, rules)

    def _calibrated(self, target: str) -> list[EventFigures]:
        """The figures of a target, with what the recorded model answered in this run."""
        all_of = self._figures or {}
        floor = {one.key: one for one in all_of.get(self._gating.floor or "", {}).values()}
        return [
            replace(one, calibration=same.replayed, recorded_scores=same.scores)
            if (same := floor.get(one.key)) is not None
            else one
            for one in all_of.get(target, {}).values()
        ]


def _note(waiting: _Waiting, item: ReplayItem, result: Result) -> None:
    comparison = result.comparison
    if result.pair is None or comparison.outcome == "error":
        word = "no answer" if comparison.outcome == "error" else comparison.outcome
        waiting.problems[item] = f"{word.replace('_', ' ')}: {comparison.error}"
    else:
        waiting.pairs[item] = result.pair


def _missing(waiting: _Waiting) -> str | None:
    """Why a session has not all of its answers."""
    members = waiting.item.members
    for number, item in enumerate(members, 1):
        if item not in waiting.pairs:
            problem = " ".join(waiting.problems.get(item, "no answer").split())
            return f"call {number} of {len(members)}: {problem}"
    return None


def _added(known: EventFigures, result: Result) -> EventFigures:
    """The figures of an event with those of one more answer."""
    pair = None if result.comparison.outcome == "error" else result.pair
    if pair is None:
        nothing = (*known.replayed, NO_FIGURES)
        return replace(known, replayed=nothing, scores=(*known.scores, None))
    now, then = _score(pair, "replayed"), _score(pair, "baseline")
    recorded, replayed = figures_of_both(pair)
    return replace(
        known,
        recorded=recorded if known.recorded == NO_FIGURES else known.recorded,
        replayed=(*known.replayed, replayed),
        scores=(*known.scores, now),
        recorded_scores=known.recorded_scores or (then,),
    )


def _score(pair: Pair, side: str) -> float | None:
    return None if pair.scores is None else pair.scores[side].value
