"""The gate over the run, and the noise floor that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_llmreplay.plugin.calls.plan import recorded_cost
from pytest_llmreplay.plugin.calls.sampling import Sampling
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Sampled
from pytest_llmreplay.plugin.judging.duels import Duels, Rematch
from pytest_llmreplay.plugin.terms.floor import Floor
from pytest_llmreplay.plugin.terms.gating import Gating
from pytest_llmreplay.plugin.terms.scores import ItemScores, Scores, was_sent
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import CALIBRATION
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.report.verdict.noise_floor import FloorView
from pytest_llmreplay.report.verdict.run_verdict import TargetVerdictView

from .metrics import Metrics
from .verdicts import TargetVerdict, Verdicts

__all__ = ["RunGate"]

Count = Callable[[ReplayItem, Result, bool], None]
"""Counts what a further sample took; the flag says whether the recorded model was asked."""


class RunGate:
    """Collects what verdicts over the run need, and makes them.

    Args:
        gating: How this run is judged.
        floor: The noise floor.
        sampling: Asks for further samples.
        duels: What is compared in pairs.
        metrics: Holds targets against the recorded model.
        count: Counts what these took.
        recorded: The recorded model as a target for these events; none where it cannot be asked.
        asks: Whether anybody is asked, or a stored run is judged again.
    """

    def __init__(
        self,
        gating: Gating,
        floor: Floor,
        sampling: Sampling,
        duels: Duels,
        *,
        metrics: Metrics,
        count: Count,
        recorded: Callable[[Sequence[ReplayItem]], Target | None],
        asks: bool,
    ) -> None:
        self._gating, self._floor, self._sampling, self._duels = gating, floor, sampling, duels
        self._metrics = metrics
        self._count, self._recorded, self._asks = count, recorded, asks
        self._scores = Scores()
        self._rematches: dict[ReplayItem, Rematch] = {}
        """Of targets whose answers are compared in pairs."""
        self._made: dict[str, TargetVerdictView] = {}

    @property
    def verdicts(self) -> Sequence[TargetVerdictView]:
        """The verdicts so far."""
        return tuple(self._made.values())

    def expect(self, checks: Mapping[str, Sequence[ReplayItem]]) -> None:
        """Note what would be judged of events that are not sent: by check, its events."""
        for spec, items in checks.items():
            self._scores.expect(spec, items)

    def take(self, item: ReplayItem, sampled: Sampled) -> None:
        """Note what the samples of an item are worth."""
        if self._gating.only_reports(item.target):
            self._add(item, sampled.results)

    def verdict(self, target: str, family: Sequence[str], folder: Path) -> TargetVerdictView:
        """The verdict on a target; asks for the samples of later stages.

        Args:
            target: Its name.
            family: All targets that are judged together with it.
            folder: Of the cassettes, for what the config file above it says.
        """
        if target not in self._made:
            self.note_floor()
            for one in self._verdicts(folder).judge(family):
                self._made[one.target] = self._view(one, folder)
        return self._made[target]

    def note_floor(self) -> int:
        """Let what the recorded model answered in this run be its noise floor; events."""
        if self._gating.floor is None:
            return 0
        calibrated = self._scores.of(self._gating.floor)
        self._floor.note(calibrated)
        return len(calibrated)

    def _verdicts(self, folder: Path) -> Verdicts:
        return Verdicts(
            rules=self._gating.rules(folder),
            stages=self._gating.stages(folder),
            scores=self._scores,
            metrics=self._metrics,
            more=self._more,
            fresh=self._fresh if self._gating.confirms(folder) else lambda _: None,
        )

    def _view(self, one: TargetVerdict, folder: Path) -> TargetVerdictView:
        items = [scores.item for scores in self._scores.of(one.target)]
        undecided = one.outcome == "inconclusive"
        shared = self._gating.judges_together(folder)
        return TargetVerdictView(
            target=one.target,
            outcome=one.outcome,
            fails=one.outcome == "regression"
            or (undecided and self._gating.fails_undecided(folder)),
            verdicts=one.verdicts,
            alpha=None if shared else self._gating.rules(folder).alpha,
            floor=FloorView(
                missing=one.missing,
                oldest=self._floor.oldest(items),
                calls=CALIBRATION * len(items),
                cost=recorded_cost(items, CALIBRATION),
                anew=self._floor.anew(items),
            ),
        )

    def _more(self, items: Sequence[ReplayItem], samples: range) -> None:
        for item, result in self._further(items, samples):
            self._count(item, result, False)  # noqa: FBT003 - the type has its name
            self._add(item, [result])

    def _add(self, item: ReplayItem, results: Sequence[Result]) -> None:
        self._scores.add(item, results)
        confirms = self._gating.confirms(item.parent.folder)
        if confirms and self._gating.has_verdict(item.target) and item in self._duels:
            pairs = self._rematches.setdefault(item, Rematch()).pairs
            pairs += [result.pair for result in results if was_sent(result)]

    def _fresh(self, items: Sequence[ReplayItem]) -> dict[ReplayItem, ItemScores] | None:
        target = self._recorded(items)
        if target is None:
            return None
        found = Scores()
        for item, result in self._further(items, range(CALIBRATION), target):
            self._count(item, result, True)  # noqa: FBT003 - as above
            found.add(item, [result])
            if item in self._rematches:
                self._rematches[item].hear(result)
        fresh = {one.item: one for one in found.of(items[0].target.name)}
        self._fight_again(fresh)
        return fresh or None

    def _fight_again(self, fresh: Mapping[ReplayItem, ItemScores]) -> None:
        """Let what a target was worth in pairs be said by fresh answers, too."""
        of_target = {item: one for item, one in self._rematches.items() if item in fresh}
        for item, shares in self._duels.again(of_target).items():
            specs = [check.spec for check in item.checks if check.asks_judge]
            fresh[item].by_check |= {spec: list(shares) for spec in specs}

    def _further(
        self, items: Sequence[ReplayItem], samples: range, recorded: Target | None = None
    ) -> Iterator[tuple[ReplayItem, Result]]:
        """Further answers; those that a stored run never asked for are none."""
        for item, result in self._sampling.further(items, samples, recorded):
            if self._asks or result.comparison.outcome != "not_run":
                yield item, result
