"""The checks that a target is judged by over the run: what was measured, and how it is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pytest_llmreplay.compare.statistics.confirm import pooled
from pytest_llmreplay.compare.statistics.decide import decide
from pytest_llmreplay.compare.statistics.preference import (
    Preferences,
    decide_preference,
    preference_preflight,
)
from pytest_llmreplay.compare.statistics.reach import Preflight, preflight
from pytest_llmreplay.compare.statistics.rules import GateRules, Look, Verdict
from pytest_llmreplay.compare.statistics.scores import EventScores, measured
from pytest_llmreplay.compare.statistics.stages import looks
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.judging.duels import Duels
from pytest_llmreplay.plugin.results.telling import session_key
from pytest_llmreplay.plugin.terms.floor import Floor
from pytest_llmreplay.replay.baselines.calibration import Score

__all__ = ["Metric", "Metrics", "looks_of"]

Key = Callable[[ReplayItem], str]

Fresh = Mapping[str, Sequence[Score]]
"""What fresh answers of the recorded model said, by event."""


class Metric(Protocol):
    """One check over all events of a target."""

    @property
    def calibration(self) -> int | None:
        """Fewest scores of the recorded model for any event that has some, or 0.

        None where they do not matter.
        """
        ...

    def judged(self, rules: GateRules, planned: Sequence[Look]) -> Verdict:
        """The verdict on a run."""
        ...

    def reach(self, samples: int, rules: GateRules, level: float | None = None) -> Preflight:
        """What a run of so many samples can say; the level is that of its last look."""
        ...

    def with_fresh(self, fresh: Fresh) -> Metric:
        """This metric with the scores of fresh answers of the recorded model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """Scores of the target, and those of the calibration."""

    spec: str
    events: Sequence[EventScores]

    @property
    def calibration(self) -> int:
        """Fewest measured scores of an event that has any."""
        known = [len(measured(one.calibration)) for one in self.events]
        return min(filter(None, known), default=0)

    def judged(self, rules: GateRules, planned: Sequence[Look]) -> Verdict:
        """Whether the target's scores are lower than those of the calibration."""
        return decide(self.spec, self.events, rules, planned)

    def reach(self, samples: int, rules: GateRules, level: float | None = None) -> Preflight:
        """What can be decided, as far as the noise of the calibration tells."""
        return preflight(self.events, samples, rules, level=level)

    def with_fresh(self, fresh: Fresh) -> _Compared:
        """Fresh scores are further ones of the calibration."""
        return replace(self, events=pooled(self.events, fresh))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preferred:
    """What a judge preferred: the target's answers, or the recorded model's own."""

    spec: str
    events: Sequence[Preferences]

    @property
    def calibration(self) -> None:
        """None: an unchanged model is preferred as often as not."""

    def judged(self, rules: GateRules, planned: Sequence[Look]) -> Verdict:
        """Whether the target's answers are preferred less often than the recorded model's."""
        return decide_preference(self.spec, self.events, rules, planned)

    def reach(self, samples: int, rules: GateRules, level: float | None = None) -> Preflight:  # noqa: ARG002 - more samples make no more events, and looks have levels of their own
        """What can be decided, as far as the number of events tells."""
        return preference_preflight(self.events, rules)

    def with_fresh(self, fresh: Fresh) -> _Preferred:
        """The same samples against fresh opponents alone: a drop shows there, too, or is none."""
        again = [replace(one, shares=tuple(fresh.get(one.key, ()))) for one in self.events]
        return replace(self, events=again)


class Metrics:
    """Makes the metric of a check: scores held against the calibration, or preferences.

    Args:
        floor: What is known of the recorded model.
        duels: What is compared in pairs.
    """

    def __init__(self, floor: Floor, duels: Duels) -> None:
        self._floor, self._duels = floor, duels

    def of(self, spec: str, measured_of: Mapping[ReplayItem, Sequence[Score]], key: Key) -> Metric:
        """The metric of a check over all events of a target.

        Args:
            spec: The check, as it is written.
            measured_of: By event, what the samples of the target are worth.
            key: What sentences call an event.
        """
        if self._prefers(spec, measured_of):
            return _Preferred(
                spec=spec,
                events=[
                    Preferences(
                        key=key(item),
                        session=session_key(item),
                        shares=() if self._duels.missing([item]) else tuple(shares),
                    )
                    for item, shares in measured_of.items()
                ],
            )
        return _Compared(
            spec=spec,
            events=[
                EventScores(
                    key=key(item),
                    session=session_key(item),
                    calibration=self._floor.scores(item, spec),
                    target=tuple(scores),
                )
                for item, scores in measured_of.items()
            ],
        )

    def missing(self, items: Sequence[ReplayItem], spec: str) -> Counter[str]:
        """Why the target cannot be held against the recorded model, with the number of events."""
        if self._prefers(spec, items):
            return self._duels.missing(items)
        return self._floor.missing(items, spec)

    def _prefers(self, spec: str, items: Iterable[ReplayItem]) -> bool:
        return self._duels.decide(next(iter(items)), spec)


def looks_of(
    stages: Sequence[int], metrics: Sequence[Metric], rules: GateRules
) -> list[tuple[Look, ...]]:
    """The looks at each of several metrics that are judged together; none for a single stage."""
    if len(stages) == 1:
        return [()] * len(metrics)
    fewest = min(filter(None, (one.calibration for one in metrics)), default=0)
    return [
        looks(
            stages,
            0 if one.calibration is None else fewest,
            rules.alpha,
            metrics=len(metrics),
        )
        for one in metrics
    ]
