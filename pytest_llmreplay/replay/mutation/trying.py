"""Tries faults on recorded answers, and judges each by the checks of its event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pytest_llmreplay.compare.check import Check, Diverged, Pair
from pytest_llmreplay.compare.figures.call_figures import figures_of
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.compare.judging import compare
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.compare.syntax.budget import UNITS
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.simulated.mutants import mutant
from pytest_llmreplay.replay.unsent.unsendable import unsendable

from .score import FAULTS, FaultScore, MutationScore, Remedy

__all__ = ["Subject", "mutation_score"]

_MOVED = {"verbose": ("output_tokens", "tokens"), "slow": ("latency", "seconds")}
"""The figure that a fault moves, and its unit."""

_REMEDIES = (
    "answered",
    "finish_reason",
    "refusal",
    "tool_calls:names",
    "tool_calls:contract",
    "schema:request",
    "json:shape",
    "tool_calls",
    "tokens<=2x",
    "output_tokens<=2x",
    "latency<=5x",
    "json",
    "text",
)
"""Checks that are tried on what was missed: of two that catch as much, the more lenient first."""

_EXAMPLES = 3

_remedies = cache(lambda: parse_checks(_REMEDIES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An event that faults are tried on."""

    node_id: str
    event: Event
    checks: Sequence[Check]
    judge: Callable[[Pair], Mapping[str, Score] | None] = lambda _: None
    """Gives both answers their scores, where a check wants them."""

    def found(self, pair: Pair) -> Comparison:
        """The comparison by the checks."""
        return compare(replace(pair, scores=self.judge(pair)), self.checks)


def mutation_score(events: Iterable[Subject]) -> MutationScore:
    """Judge every fault of every event by the checks of that event."""
    count = _Count()
    for event in events:
        count.add(event)
    return count.score()


class _Count:
    """Tries the faults on one event after another."""

    def __init__(self) -> None:
        self._tallies = [_Tally(fault) for fault in FAULTS]
        self._left_out: Counter[str] = Counter()
        self._failing: list[str] = []
        self._events = 0

    def add(self, subject: Subject) -> None:
        reason = unsendable(subject.event)
        if reason is not None:
            self._left_out[reason] += 1
            return
        unchanged = mutant(subject.event, "steady")
        if not isinstance(unchanged, Pair) or subject.found(unchanged).fails:
            self._failing.append(subject.node_id)
            return
        self._events += 1
        for tally in self._tallies:
            tally.add(subject, unchanged)

    def score(self) -> MutationScore:
        return MutationScore(
            faults=tuple(tally.score() for tally in self._tallies),
            events=self._events,
            left_out=dict(self._left_out),
            failing=tuple(self._failing),
        )


class _Tally:
    """Counts one fault."""

    def __init__(self, fault: str) -> None:
        self._fault = fault
        self._applied = self._reported = 0
        self._missed: list[str] = []
        self._catching: Counter[str] = Counter()

    def add(self, subject: Subject, unchanged: Pair) -> None:
        spoilt = mutant(unchanged.baseline, self._fault)
        if spoilt is None or (isinstance(spoilt, Pair) and _is_noise(self._fault, spoilt)):
            return
        self._applied += 1
        if isinstance(spoilt, Pair) and not (found := subject.found(spoilt)).fails:
            self._missed.append(subject.node_id)
            self._reported += bool(found.reported)
            self._catching.update(_telling(spoilt, unchanged))

    def score(self) -> FaultScore:
        best = max(_REMEDIES, key=lambda spec: self._catching[spec])
        catches = self._catching[best]
        return FaultScore(
            fault=self._fault,
            applied=self._applied,
            caught=self._applied - len(self._missed),
            reported=self._reported,
            examples=tuple(self._missed[:_EXAMPLES]),
            remedy=Remedy(check=best, catches=catches) if catches else None,
        )


def _is_noise(fault: str, spoilt: Pair) -> bool:
    """Whether a fault moves its figure by no more than what every relative budget lets pass."""
    if fault not in _MOVED:
        return False
    figure, unit = _MOVED[fault]
    then, now = (
        figures_of(call, priced=False).of(figure) for call in (spoilt.baseline, spoilt.replayed)
    )
    return then is not None and now is not None and now - then <= UNITS[unit].floor


def _telling(spoilt: Pair, unchanged: Pair) -> Iterable[str]:
    """Checks that tell a spoilt answer from the recorded one."""
    return (
        check.spec
        for check in _remedies()
        if isinstance(check.judge(spoilt), Diverged)
        and not isinstance(check.judge(unchanged), Diverged)
    )
