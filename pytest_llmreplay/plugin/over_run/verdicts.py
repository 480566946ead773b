"""Verdicts over the run: one for each target, from the scores of all its events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pytest_llmreplay.compare.statistics.confirm import confirmed
from pytest_llmreplay.compare.statistics.multiple import judged_together, overall
from pytest_llmreplay.compare.statistics.reach import Preflight
from pytest_llmreplay.compare.statistics.rules import GateRules, Outcome, Verdict
from pytest_llmreplay.compare.statistics.scores import measured
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.terms.scores import ItemScores, Scores
from pytest_llmreplay.replay.baselines.calibration import Score

from .metrics import Metric, Metrics, looks_of

__all__ = ["TargetVerdict", "Verdicts"]

More = Callable[[Sequence[ReplayItem], range], None]
"""Asks for these further samples of events, and notes what they are worth."""

Fresh = Callable[[Sequence[ReplayItem]], dict[ReplayItem, ItemScores] | None]
"""Asks the recorded model anew; none where it cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetVerdict:
    """What a run says of one target."""

    target: str
    verdicts: tuple[tuple[Verdict, Preflight], ...]
    """One for each gated check, with what a run of more samples could see."""
    missing: tuple[tuple[str, int], ...] = ()
    """Why events have no noise floor, with their number."""

    @property
    def outcome(self) -> Outcome:
        """The verdict over all checks: the worst of them."""
        return overall([verdict for verdict, _ in self.verdicts])


class Verdicts:
    """Judges targets, stage after stage.

    Args:
        rules: How a run is judged.
        stages: Samples of each event after each stage.
        scores: What was measured of the targets.
        metrics: Holds them against the recorded model.
        more: Asks for further samples.
        fresh: Asks the recorded model anew before a regression is told.
    """

    def __init__(
        self,
        *,
        rules: GateRules,
        stages: tuple[int, ...],
        scores: Scores,
        metrics: Metrics,
        more: More,
        fresh: Fresh,
    ) -> None:
        self._rules, self._stages = rules, stages
        self._scores, self._known = scores, metrics
        self._more, self._fresh = more, fresh

    def judge(self, targets: Sequence[str]) -> list[TargetVerdict]:
        """The verdicts on targets that are one family; asks for what is still needed."""
        verdicts = self._judged(targets)
        for now, then in pairwise(self._stages):
            undecided = [name for name in targets if _is_open(verdicts[name])]
            if not undecided:
                break
            for name in undecided:
                self._more([one.item for one in self._scores.of(name)], range(now, then))
            verdicts = self._judged(targets)
        for name in targets:
            if overall(verdicts[name]) == "regression":
                verdicts[name] = self._confirmed(targets, name, verdicts[name])
        return [self._told(name, verdicts[name]) for name in targets]

    def _told(self, target: str, verdicts: tuple[Verdict, ...]) -> TargetVerdict:
        return TargetVerdict(
            target=target,
            verdicts=tuple(zip(verdicts, self._reach(target), strict=True)),
            missing=tuple(self._missing(target)),
        )

    def _reach(self, target: str) -> Iterator[Preflight]:
        for metric in self._metrics(target, {}):
            yield metric.reach(self._stages[-1], self._rules)

    def _judged(
        self, targets: Sequence[str], fresh: Mapping[ReplayItem, ItemScores] | None = None
    ) -> dict[str, tuple[Verdict, ...]]:
        """All checks of all targets, judged together."""
        metrics = [
            (name, metric) for name in targets for metric in self._metrics(name, fresh or {})
        ]
        planned = looks_of(self._stages, [metric for _, metric in metrics], self._rules)
        found = judged_together(
            [
                metric.judged(self._rules, each)
                for (_, metric), each in zip(metrics, planned, strict=True)
            ]
        )
        by_target: dict[str, tuple[Verdict, ...]] = dict.fromkeys(targets, ())
        for (name, _), verdict in zip(metrics, found, strict=True):
            by_target[name] += (verdict,)
        return by_target

    def _metrics(self, target: str, fresh: Mapping[ReplayItem, ItemScores]) -> Iterator[Metric]:
        of_target = self._scores.of(target)
        keys = _keys([one.item for one in of_target])
        fresh = {item: scores for item, scores in fresh.items() if item in keys}
        for spec in _checks(of_target):
            scores = {one.item: one.by_check[spec] for one in of_target if spec in one.by_check}
            metric = self._known.of(spec, scores, keys.__getitem__)
            yield metric.with_fresh(_by_key(fresh, spec, keys)) if fresh else metric

    def _confirmed(
        self, targets: Sequence[str], target: str, first: Sequence[Verdict]
    ) -> tuple[Verdict, ...]:
        """A regression is told only if fresh answers of the recorded model bear it out."""
        fresh = self._fresh([one.item for one in self._scores.of(target)])
        if fresh is None:
            return tuple(first)
        again = self._judged(targets, fresh)[target]
        return tuple(
            confirmed(before, now, _measured(fresh.values(), before.metric))
            for before, now in zip(first, again, strict=True)
        )

    def _missing(self, target: str) -> Iterator[tuple[str, int]]:
        """Of the check that lacks a noise floor for most events."""
        of_target = self._scores.of(target)
        reasons = [
            self._known.missing([one.item for one in of_target if spec in one.by_check], spec)
            for spec in _checks(of_target)
        ]
        yield from max(reasons, key=lambda one: one.total(), default={}).items()


def _checks(of_target: Iterable[ItemScores]) -> Sequence[str]:
    return tuple(dict.fromkeys(spec for one in of_target for spec in one.by_check))


def _keys(items: Iterable[ReplayItem]) -> dict[ReplayItem, str]:
    """What a sentence calls each event: no longer than it takes to tell it from the others."""
    known = {item: list(_called(item)) for item in items}
    often = Counter(name for names in known.values() for name in names)
    return {
        item: next((name for name in names if often[name] == 1), names[-1])
        for item, names in known.items()
    }


def _called(item: ReplayItem) -> Iterator[str]:
    """The names of an event: its own, with its cassette's, with the whole path of that."""
    name = item.name[: item.name.rindex("[")]
    yield from (name, f"{item.path.name}::{name}", item.nodeid[: item.nodeid.rindex("[")])


def _by_key(
    fresh: Mapping[ReplayItem, ItemScores], spec: str, keys: Mapping[ReplayItem, str]
) -> dict[str, Sequence[Score]]:
    return {keys[item]: scores.by_check.get(spec, ()) for item, scores in fresh.items()}


def _measured(fresh: Iterable[ItemScores], spec: str) -> int:
    """How many fresh answers of the recorded model say anything about a check."""
    return sum(len(measured(one.by_check.get(spec, ()))) for one in fresh)


def _is_open(verdicts: Sequence[Verdict]) -> bool:
    """Whether more samples may decide: without a noise floor only a perfect target can be `ok`.

    They are no more sessions, either.
    """
    hopeless = any(one.reason == "no_noise_floor" and one.target_mean != 1 for one in verdicts)
    too_few = all(one.reason == "too_few_sessions" for one in verdicts)
    return overall(verdicts) == "inconclusive" and not (hopeless or too_few)
