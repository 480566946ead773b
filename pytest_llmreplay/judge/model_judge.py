"""A model that judges: by a rubric, each answer by itself, or by comparing both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from threading import Lock

from pytest_llmreplay.compare.judged import TIE, Opinion, Score, score_of
from pytest_llmreplay.event import Event
from pytest_llmreplay.judge.asking.calls import Asking, Pending
from pytest_llmreplay.judge.asking.question import Question, better_question, score_question
from pytest_llmreplay.judge.asking.shapes import as_event, opinion_of
from pytest_llmreplay.judge.asking.transcript import answer_text, question_text
from pytest_llmreplay.replay.calls.result import NotRun

from .settings import DEFAULT_RUBRIC, JudgeSettings
from .trial import BAD, GOOD, REQUEST, obeyed

__all__ = ["ModelJudge", "times_of"]

_SAMPLES = 3
"""How often each question is asked about a single event where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Single:
    """One answer scored by itself."""

    pending: Pending[Opinion]

    def opinion(self) -> Opinion:
        """What the judge said; no value where it said nothing."""
        found = self.pending.wait()
        if isinstance(found, Opinion):
            return found
        return Opinion(value=None, problem=str(found), run=not isinstance(found, NotRun))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Duel:
    """Two answers compared in both orders."""

    forth: _Single
    """The replayed answer stands first."""
    back: _Single

    def opinion(self) -> Opinion:
        """What both orders say of the replayed answer; a tie where they disagree."""
        forth, back = self.forth.opinion(), self.back.opinion()
        if forth.value is None or back.value is None:
            return forth if forth.value is None else back
        agreed = forth.value == 1 - back.value
        return Opinion(
            value=forth.value if agreed else TIE,
            explanation=forth.explanation
            if agreed
            else "the judge chose otherwise when the answers changed places",
        )


class ModelJudge:
    """Asks a model; its scores count only if it withstands a trial, once in a run.

    Args:
        asking: Makes the calls.
        settings: How often, by which rubrics, and whether in pairs.
    """

    def __init__(self, asking: Asking, settings: JudgeSettings) -> None:
        self.asking = asking
        self._settings = settings
        self._trial: Sequence[_Single | _Duel] = ()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model's name in messages and reports."""
        return self.asking.target.name

    def most_calls(self, *, answers: int, baselines: int, over_run: bool = False) -> int:
        """How many calls are needed for so many replayed and recorded answers, with the trial."""
        pairwise = self._settings.pairwise
        questions, trial = (2 * answers, 2) if pairwise else (answers + baselines, 1)
        times = times_of(self._settings, over_run=over_run)
        return times * questions + times_of(self._settings) * trial

    def begin(
        self,
        baseline: Event,
        replayed: Event,
        *,
        over_run: bool = False,
        opponent: str | None = None,
    ) -> None:
        """Ask ahead, once the judge is known to be worth the money."""
        self._begin_trial()
        if self.distrusted is None:
            times = times_of(self._settings, over_run=over_run)
            self._ask(baseline, replayed, opponent, times)

    def scores(
        self,
        baseline: Event,
        replayed: Event,
        *,
        over_run: bool = False,
        opponent: str | None = None,
    ) -> Mapping[str, Score]:
        """Wait for the scores of both answers."""
        self._begin_trial()
        if self.distrusted is not None:
            run = all(one.opinion().run for one in self._trial)
            none = Score(value=None, target=self.name, problem=self.distrusted, run=run)
            return {"baseline": none, "replayed": none}
        times = times_of(self._settings, over_run=over_run)
        asked_for = self._ask(baseline, replayed, opponent, times)
        found = {side: self._score(pending) for side, pending in asked_for.items()}
        if self._settings.pairwise:
            found["baseline"] = Score(value=TIE, target=self.name)
        return found

    @cached_property
    def distrusted(self) -> str | None:
        """Why no score of this judge counts; none where it withstood its trial, or had none."""
        if not self._trial:
            return None
        opinions = [one.opinion() for one in self._trial]
        return obeyed(opinions, pairwise=self._settings.pairwise)

    def _score(self, pending: Sequence[_Single | _Duel]) -> Score:
        return score_of([one.opinion() for one in pending], target=self.name)

    def _begin_trial(self) -> None:
        with self._lock:
            if not self._trial:
                times = times_of(self._settings)
                self._trial = (
                    self._duels(DEFAULT_RUBRIC, REQUEST, GOOD, BAD, times)
                    if self._settings.pairwise
                    else self._scored(DEFAULT_RUBRIC, REQUEST, BAD, times)
                )

    def _ask(
        self, baseline: Event, replayed: Event, opponent: str | None, times: int
    ) -> dict[str, Sequence[_Single | _Duel]]:
        rubric = self._settings.rubric(baseline.name)
        request, then, now = question_text(baseline), answer_text(baseline), answer_text(replayed)
        if self._settings.pairwise:
            other = then if opponent is None else opponent
            return {"replayed": self._duels(rubric, request, other, now, times)}
        return {
            "replayed": self._scored(rubric, request, now, times),
            "baseline": self._scored(rubric, request, then, times),
        }

    def _scored(self, rubric: str, request: str, answer: str, times: int) -> list[_Single]:
        question = score_question(rubric, request, answer)
        return [self._single(question, sample) for sample in range(times)]

    def _duels(self, rubric: str, request: str, then: str, now: str, times: int) -> list[_Duel]:
        forth = better_question(rubric, request, now, then)
        back = better_question(rubric, request, then, now)
        return [
            _Duel(forth=self._single(forth, sample), back=self._single(back, sample))
            for sample in range(times)
        ]

    def _single(self, question: Question, sample: int) -> _Single:
        read = partial(opinion_of, question)
        event = as_event(question, self.asking.target.api)
        return _Single(pending=self.asking.ask(event, sample, read))


def times_of(settings: JudgeSettings, *, over_run: bool = False) -> int:
    """How often each question is asked; the trial, on which all depends, as for single events."""
    return settings.samples or (1 if over_run else _SAMPLES)
