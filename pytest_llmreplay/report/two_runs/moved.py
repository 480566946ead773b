"""What two stored runs say to the same events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.compare.specs.known import subject
from pytest_llmreplay.report.summary.alike import problem_alike
from pytest_llmreplay.report.summary.result import EventResult
from pytest_llmreplay.report.summary.tally import Tally

from .over_both import OverBoth, over_result

__all__ = ["TwoRuns", "cause_of", "kind_of", "reason_of"]

_FAILS: tuple[Outcome, ...] = ("diverged", "error")


@dataclass(slots=True)
class TwoRuns:
    """One target in two runs, over the events that both have."""

    target: str
    """Of both, or of the first and the second."""
    a: Tally = field(init=False)
    b: Tally = field(init=False)
    figures: Tally = field(init=False)
    """The first run in the place of the recording."""
    worse: list[EventResult] = field(default_factory=list)
    """Events that fail in the second run only, as they do there."""
    better: list[EventResult] = field(default_factory=list)
    """Events that fail in the first run only, as they do there."""
    both: int = 0
    """What fails in both."""
    alone_a: int = 0
    """Answers that only the first run has."""
    alone_b: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)
    """Events that cannot be judged any more, by reason."""
    over: list[OverBoth] = field(default_factory=list)
    """Sessions, then the run, where checks are over them."""

    def __post_init__(self) -> None:
        self.a, self.b, self.figures = (Tally(self.target) for _ in range(3))

    def add(self, a: EventResult, b: EventResult) -> None:
        """Count one event that both runs have."""
        self.a.add(a)
        self.b.add(b)
        self.figures.add_sample(replace(b, recorded=a.replayed))
        self._move(a, b)

    def add_over(self, one: OverBoth) -> None:
        """Count a session, or the run."""
        self.over.append(one)
        self._move(*(over_result(one, side, self.target) for side in (one.a, one.b)))

    def _move(self, a: EventResult, b: EventResult) -> None:
        failed = a.outcome in _FAILS, b.outcome in _FAILS
        self.both += all(failed)
        if failed == (False, True):
            self.worse.append(b)
        elif failed == (True, False):
            self.better.append(a)


def cause_of(event: EventResult) -> str:
    """Why an event fails, in the words of its call."""
    found = event.comparison
    if found is None or not found.diverged:
        problem = event.reason or (found.error if found else None) or "no answer"
        return f"error: {' '.join(problem.split())}"
    return f"{found.diverged[0].check}: {found.diverged[0].cause}"


def kind_of(event: EventResult) -> str:
    """Why an event fails, in words that are the same for events alike."""
    found, cause = event.comparison, cause_of(event)
    return cause if found is not None and found.diverged else problem_alike(cause)


def reason_of(event: EventResult) -> str | None:
    """Why a judge gave the answer what it gave it."""
    found = event.comparison.diverged if event.comparison is not None else ()
    return next((one.note for one in found if subject(one.check) == "judge"), None)
