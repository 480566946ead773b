"""What a judge is going to be asked, before it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING

from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.money.estimate import Estimate

if TYPE_CHECKING:
    from pytest_llmreplay.judge.asking.judge_target import JudgeTarget

    from .judges import Judge

__all__ = ["Forecast"]

_TASK, _SAID = 400, 80
"""Tokens of a judge's task, and of what it says."""


class Forecast:
    """Adds up answers that a judge is asked about.

    Every answer is taken for another one, and the recorded answer of each event for one more; each
    question is as long as the recorded request and answer, with the task.

    Args:
        judge: Knows how many calls that takes.
        target: Who answers them, and at what price.
        pairwise: Whether it reads both answers at once.
    """

    def __init__(self, judge: Judge, target: JudgeTarget, *, pairwise: bool = False) -> None:
        self._judge, self._target = judge, target
        self._pairwise = pairwise
        self._events: dict[bool, set[Hashable]] = {}
        """By whether their scores are for a verdict over the run, as the answers to them."""
        self._answers: Counter[bool] = Counter()
        self._confirming: Counter[bool] = Counter()
        """Answers that are judged only if a regression shows: fresh ones of the recorded model, or
        those of the target once more beside such a one."""
        self._read = 0
        self._at_most = False

    @property
    def model(self) -> str:
        """The model that judges, as far as it is known."""
        return self._target.model

    def add(
        self, event: Hashable, usage: Usage, plan: SamplePlan, *, over_run: bool = False
    ) -> None:
        """Take answers to an event in.

        Args:
            event: What tells it from others.
            usage: Tokens of its recording.
            plan: How many a target gives.
            over_run: Whether their scores are for a verdict over the run.
        """
        answers = plan.most
        self._at_most = self._at_most or plan.first < answers
        self._events.setdefault(over_run, set()).add(event)
        self._answers[over_run] += answers
        if plan.confirming:
            self._confirming[over_run] += answers if self._pairwise else plan.confirming
        written = (2 if self._pairwise else 1) * (usage.output_tokens or 0)
        self._read += answers * ((usage.input_tokens or 0) + written)

    def estimate(self) -> Estimate:
        """Calls and cost at most: answers that are equal are judged once."""
        calls = self._calls(self._answers)
        read = round(self._read / max(self._answers.total(), 1)) + _TASK
        usage = Usage(input_tokens=read, output_tokens=_SAID)
        found = Estimate(target=self._judge.name, events=len(set().union(*self._events.values())))
        found.at_most = self._at_most
        who = self._target
        found.own_price = who.given.price is not None
        model = "" if who.is_free else f"{who.provider}/{who.model}"
        found.charge(calls, usage, None if who.is_free else who.price(usage), model=model)
        found.is_judge = True
        found.confirming = self._calls(self._answers + self._confirming) - calls
        return found

    def _calls(self, answers: Counter[bool]) -> int:
        return sum(
            self._judge.most_calls(
                answers=answers[over_run], baselines=len(events), over_run=over_run
            )
            for over_run, events in self._events.items()
        )
