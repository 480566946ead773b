"""What every check said of every sample, kept for a verdict over the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pytest_llmreplay.compare.check import Check, Finding, Held, NotMeasured
from pytest_llmreplay.compare.figures.call_figures import (
    NO_FIGURES,
    Figures,
    figures_of,
    figures_of_both,
)
from pytest_llmreplay.event import Event
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.replay.baselines.calibration import Score
from pytest_llmreplay.replay.entry import Result

__all__ = ["ItemScores", "Scores", "answered", "figures_of_result", "was_sent"]

N = TypeVar("N", int, float)


@dataclass(slots=True, kw_only=True)
class ItemScores:
    """The scores of one event."""

    item: ReplayItem
    model: str | None = None
    """The model that answered last."""
    at: str | None = None
    """ISO 8601, when the first answer was asked for."""
    by_check: dict[str, list[Score]] = field(default_factory=dict)
    """One score per sample; none where a sample could not be measured."""
    figures: list[Figures] = field(default_factory=list)
    """What each sample took."""


class Scores:
    """Collects the scores of the gated checks, target by target."""

    def __init__(self) -> None:
        self._by_target: dict[str, dict[ReplayItem, ItemScores]] = {}

    def expect(self, spec: str, items: Iterable[ReplayItem]) -> None:
        """Note that a check judges these events, whether or not any sample of them comes."""
        for item in items:
            self._of(item).by_check.setdefault(spec, [])

    def add(self, item: ReplayItem, results: Iterable[Result]) -> None:
        """Note further samples of an event; a request that was never made is none."""
        for result in results:
            if not was_sent(result):
                continue
            scores = self._of(item)
            if result.replayed is not None:
                scores.model = result.replayed.response.model or scores.model
            if result.reply is not None:
                scores.at = min(scores.at or result.reply.at, result.reply.at)
            scores.figures.append(figures_of_result(result))
            for spec, score in _scored(result, item.checks):
                scores.by_check.setdefault(spec, []).append(score)

    def of(self, target: str) -> Sequence[ItemScores]:
        """All events of a target, in the order in which they were judged."""
        return tuple(self._by_target.get(target, {}).values())

    def _of(self, item: ReplayItem) -> ItemScores:
        of_target = self._by_target.setdefault(item.target.name, {})
        return of_target.setdefault(item, ItemScores(item=item))

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets that have any."""
        return tuple(self._by_target)


def figures_of_result(result: Result) -> Figures:
    """What an answer took, with its score; no times where no clock counts."""
    pair = None if result.comparison.outcome == "error" else result.pair
    return NO_FIGURES if pair is None else _with(figures_of_both(pair)[1], pair.beyond)


def _with(figures: Figures, beyond: Iterable[Event]) -> Figures:
    """With the tokens and costs of further calls; a sum is known where all of them are."""
    for further in map(figures_of, beyond):
        figures = replace(
            figures,
            input_tokens=_sum(figures.input_tokens, further.input_tokens),
            output_tokens=_sum(figures.output_tokens, further.output_tokens),
            cost=_sum(figures.cost, further.cost),
        )
    return figures


def _sum(one: N | None, other: N | None) -> N | None:
    return None if one is None or other is None else one + other


def answered(figures: Iterable[Figures]) -> tuple[Figures, ...]:
    """The figures of calls that were answered; a failed one took nothing to compare."""
    return tuple(one for one in figures if one != NO_FIGURES)


def was_sent(result: Result) -> bool:
    """Whether a result counts as a sample: a request that was never made is none."""
    outcome = result.comparison.outcome
    return result.reply is not None or result.failure is not None or outcome == "not_run"


def _scored(result: Result, checks: Sequence[Check]) -> Iterator[tuple[str, Score]]:
    if not result.comparison.judged:
        yield from ((check.spec, None) for check in checks if check.gated)
        return
    graded = {check.spec for check in checks if check.asks_judge}
    for judged in result.comparison.judged:
        if judged.gated:
            finding = judged.finding
            yield finding.check, _score(finding, result if finding.check in graded else None)


def _score(finding: Finding, graded: Result | None) -> Score:
    """What an answer is worth by a check: of a judge its score, else whether the check holds.

    Args:
        finding: Of the check.
        graded: What came of the answer, where a judge decides.
    """
    if isinstance(finding, NotMeasured):
        return None
    if graded is None or graded.pair is None:
        return float(isinstance(finding, Held))
    return graded.pair.score("replayed")
