"""A judge of a user's own: any function of a question and an answer."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from pytest_llmreplay.compare.judged import TIE, Opinion, Score, opinion, score_of
from pytest_llmreplay.event import Event
from pytest_llmreplay.judge.asking.calls import Asking
from pytest_llmreplay.judge.asking.transcript import answer_text, question_text
from pytest_llmreplay.judge.trial import BAD, GOOD, REQUEST, obeyed
from pytest_llmreplay.replay.calls.result import NotRun

from .function import Function
from .workers import Workers

__all__ = ["OwnJudge"]


@dataclass(frozen=True, slots=True)
class _Case:
    question: str
    answer: str
    baseline: str

    @property
    def turned(self) -> _Case:
        """The case with both answers in each other's place."""
        return _Case(self.question, self.baseline, self.answer)


_TRIAL = _Case(REQUEST, BAD, GOOD)


class OwnJudge:
    """Calls a function in threads of its own, once for the same case.

    Args:
        function: What was given, made uniform by `function_of`.
        name: Of the function, for people.
        samples: How often the same is asked; the median counts.
        pairwise: Whether it says how far the answer is better than the other one, 0.5 where they
            are alike; then it is asked in both orders, and the mean counts.
        timeout: Seconds that one call may take.
        workers: Calls the functions.
        asking: Makes the calls of a function that asks a model; its scores count only if it
            withstands a trial, as a model's do.
    """

    def __init__(
        self,
        function: Function,
        *,
        name: str,
        samples: int = 1,
        pairwise: bool = False,
        timeout: float,
        workers: Workers,
        asking: Asking | None = None,
    ) -> None:
        self._function, self._name = function, name
        self._samples, self._pairwise = samples, pairwise
        self._timeout, self._workers = timeout, workers
        self.asking = asking
        self._begun: dict[_Case, tuple[Future[Opinion], ...]] = {}
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The function's name in messages and reports."""
        return self._name

    def most_calls(
        self,
        *,
        answers: int,
        baselines: int,
        over_run: bool = False,  # noqa: ARG002 - asked as often, once where nobody says more
    ) -> int:
        """How many calls are needed for so many replayed and recorded answers, with the trial."""
        cases = 2 * (answers + 1) if self._pairwise else answers + baselines + 1
        return self._samples * cases

    def begin(
        self,
        baseline: Event,
        replayed: Event,
        *,
        over_run: bool = False,  # noqa: ARG002 - as above
        opponent: str | None = None,
    ) -> None:
        """Call the function ahead, once it is known to be worth the money."""
        if self._failed_trial() is not None:
            return
        for case in self._cases(baseline, replayed, opponent).values():
            self._ask(case)

    def scores(
        self,
        baseline: Event,
        replayed: Event,
        *,
        over_run: bool = False,  # noqa: ARG002 - as above
        opponent: str | None = None,
    ) -> Mapping[str, Score]:
        """Wait for the scores of both answers."""
        if (problem := self._failed_trial()) is not None:
            run = all(one.run for one in self._opinions(_TRIAL))
            none = Score(value=None, target=self._name, problem=problem, run=run)
            return {"replayed": none, "baseline": none}
        cases = self._cases(baseline, replayed, opponent)
        for case in cases.values():
            self._ask(case)
        found = {side: self._score(case) for side, case in cases.items()}
        return {"baseline": Score(value=TIE, target=self._name), **found}

    @property
    def distrusted(self) -> str | None:
        """Why no score of this judge counts; none where it withstood its trial, or had none."""
        return self._failed_trial() if self._begun else None

    def _failed_trial(self) -> str | None:
        return None if self.asking is None else self._trial

    @cached_property
    def _trial(self) -> str | None:
        """Why the trial failed, if it did; not held before the first answer is to be judged."""
        return obeyed(self._opinions(_TRIAL), pairwise=self._pairwise)

    def _score(self, case: _Case) -> Score:
        return score_of(self._opinions(case), target=self._name)

    def _opinions(self, case: _Case) -> list[Opinion]:
        asked_for = [list(map(self._wait, one)) for one in self._ask(case)]
        return [_together(*both) for both in zip(*asked_for, strict=True)]

    def _ask(self, case: _Case) -> list[tuple[Future[Opinion], ...]]:
        """All opinions on a case; where two answers are compared, also the other way round."""
        return [self._begin(one) for one in ((case, case.turned) if self._pairwise else (case,))]

    def _begin(self, case: _Case) -> tuple[Future[Opinion], ...]:
        with self._lock:
            if case not in self._begun:
                self._begun[case] = tuple(
                    self._workers.begin(lambda: self._opinion(case)) for _ in range(self._samples)
                )
            return self._begun[case]

    def _cases(self, baseline: Event, replayed: Event, opponent: str | None) -> dict[str, _Case]:
        """What is asked, by side; of two answers that are compared the other one counts half."""
        question, then, now = _question(baseline), answer_text(baseline), answer_text(replayed)
        if self._pairwise:
            return {"replayed": _Case(question, now, then if opponent is None else opponent)}
        return {
            "replayed": _Case(question, now, then),
            "baseline": _Case(question, then, then),
        }

    def _wait(self, asked_for: Future[Opinion]) -> Opinion:
        try:
            return asked_for.result(self._timeout)
        except TimeoutError:
            problem = f"{self._name} gave nothing within {self._timeout:g} s"
            return Opinion(value=None, problem=problem)
        except CancelledError:
            return Opinion(value=None, problem="the run was stopped", run=False)

    def _opinion(self, case: _Case) -> Opinion:
        try:
            result = self._function(case.question, case.answer, case.baseline)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
        except BaseException as error:  # noqa: BLE001 - a user's code may raise pytest's own
            problem = f"{self._name}: {type(error).__name__}: {error}"
            return Opinion(value=None, problem=problem, run=not isinstance(error, NotRun))
        explained = isinstance(result, tuple) and len(result) == 2  # noqa: PLR2004 - a score and why
        return opinion(*result) if explained else opinion(result)


def _together(forth: Opinion, back: Opinion | None = None) -> Opinion:
    """One opinion; of two answers, what both orders say of the first."""
    if back is None or forth.value is None:
        return forth
    if back.value is None:
        return back
    return Opinion(value=(forth.value + 1 - back.value) / 2, explanation=forth.explanation)


def _question(event: Event) -> str:
    """The user's words where there is nothing else, the whole conversation otherwise."""
    request = event.request
    alone = len(request.messages) == 1 and not request.system_instructions and not request.tools
    return question_text(event).partition("\n")[2] if alone else question_text(event)
