"""What checks over a session and over the run find, from results as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest

from pytest_llmreplay.compare.call_figures import (
    NO_FIGURES,
    EventFigures,
    Figures,
    figures_of,
)
from pytest_llmreplay.compare.check import Finding, NotMeasured, Pair
from pytest_llmreplay.compare.checks.run_score import RunScore
from pytest_llmreplay.compare.ladder import FailOn
from pytest_llmreplay.compare.outcome import Judged, concluded
from pytest_llmreplay.compare.scoped import RunCheck, SessionCheck
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.report.scoped import ScopeView, partial_lines, scope_lines, scope_text

from .collection import ReplayItem
from .failures import LlmFailure
from .gating import Gating
from .replay_commands import ReplayCommands
from .sampled import Sampled
from .scope_items import ScopeItem
from .scores import figures_of_result
from .telling import session_key

if TYPE_CHECKING:
    from .floor import Floor

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
        kept: Gives the noise floor that earlier runs kept.
    """

    def __init__(
        self,
        gating: Gating,
        commands: ReplayCommands,
        fail_on: FailOn,
        kept: Callable[[], Floor],
    ) -> None:
        self._gating, self._commands, self._fail_on = gating, commands, fail_on
        self._kept = kept
        self._waiting: dict[ScopeItem, _Waiting] = {}
        self._session: dict[ReplayItem, _Waiting] = {}
        self._figures: dict[str, dict[ReplayItem, EventFigures]] | None = None
        self._views: dict[ScopeItem, ScopeView] = {}
        self._left_out: Sequence[ScopeItem] = ()
        self._over: set[str] = set()
        """Targets that are judged by checks over the run."""

    def expect(self, items: Sequence[ScopeItem]) -> None:
        """Note what will be judged.

        Raises:
            ConfigError: The noise floor that was kept cannot be read.
        """
        for item in items:
            if not item.place:
                self._figures = self._figures or {}
                self._over.add(item.target.name)
                self._kept()
                continue
            waiting = self._waiting[item] = _Waiting(item)
            self._session |= dict.fromkeys(item.members, waiting)

    def leave_out(self, items: Sequence[ScopeItem]) -> None:
        """Note which sessions are not judged, as only a part of each was selected."""
        self._left_out = items

    def over_run(self, target: Target) -> bool:
        """Whether a target is judged by checks over the run."""
        return target.name in self._over

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
        """What was only reported, and what was not judged, for the summary."""
        lines = scope_lines(tuple(self._views.values()), width)
        if self._left_out:
            checks = dict.fromkeys(one.spec for item in self._left_out for one in item.checks)
            lines += partial_lines(len(self._left_out), tuple(checks), width)
        return lines

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
        found = (self._figures or {}).get(item.target.name, {})
        floor = self._floor(found)
        beside_floor = [replace(one, calibration=floor[its]) for its, one in found.items()]
        rules = replace(self._gating.rules(item.members[0].path.parent), schedule=None)
        for check in cast("Sequence[RunCheck]", item.checks):
            scores = isinstance(check, RunScore) and check.relative
            if scores and (refused := self._scored_otherwise(found)) is not None:
                yield NotMeasured(check=check.spec, reason=refused)
            elif floor and all(_has_figures(samples, scores) for samples in floor.values()):
                yield check.judge(beside_floor, rules)
            else:
                yield check.judge(list(found.values()), rules)

    def _scored_otherwise(self, found: Iterable[ReplayItem]) -> str | None:
        """Why the scores of the noise floor that was kept cannot be held against those of now."""
        if self._gating.floor is not None:
            return None
        others = next(filter(None, map(self._kept().scored_otherwise, found)), None)
        if others is None:
            return None
        return f"the noise floor was scored with another {others}: run --llm-calibrate"

    def _floor(
        self, found: Mapping[ReplayItem, EventFigures]
    ) -> dict[ReplayItem, tuple[Figures, ...]]:
        """What the recorded model's answers took: those of this run, else of an earlier one."""
        if self._gating.floor is None:
            return {item: self._kept().figures(item) for item in found}
        now = (self._figures or {}).get(self._gating.floor, {})
        by_key = {one.key: one.replayed for one in now.values()}
        return {item: by_key.get(one.key, ()) for item, one in found.items()}


def _has_figures(samples: Sequence[Figures], scores: bool) -> bool:  # noqa: FBT001
    """Whether the recorded model answered an event; where scores count, whether it has any."""
    return any(one.judge is not None for one in samples) if scores else bool(samples)


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
    pair, replayed = result.pair, (*known.replayed, figures_of_result(result))
    if pair is None or known.recorded != NO_FIGURES:
        return replace(known, replayed=replayed)
    recorded = replace(figures_of(pair.baseline), judge=pair.score("baseline"))
    return replace(known, recorded=recorded, replayed=replayed)
