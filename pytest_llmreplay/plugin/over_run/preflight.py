"""What verdicts over the run can come to, before anything is paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.statistics.reach import Preflight
from pytest_llmreplay.compare.statistics.rules import GateRules
from pytest_llmreplay.compare.statistics.stages import looks
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.plugin.calls.plan import recorded_cost
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.terms.floor import Floor
from pytest_llmreplay.plugin.terms.gating import Gating
from pytest_llmreplay.replay.baselines.baseline import accepted_baseline
from pytest_llmreplay.replay.gate_plan import CALIBRATION
from pytest_llmreplay.report.verdict.noise_floor import FloorView
from pytest_llmreplay.report.verdict.preflight import MARGIN_TO_TRY, PreflightView

from .metrics import Metrics

__all__ = ["gated_checks", "preflights"]

Checks = Callable[[ReplayItem], Sequence[Check]]


def preflights(
    items: Sequence[ReplayItem],
    gating: Gating,
    floor: Floor,
    known: Metrics,
    *,
    checks: Checks,
    can_confirm: Callable[[Sequence[ReplayItem]], bool],
) -> Iterator[PreflightView]:
    """One view for each target that is judged over the run.

    Args:
        items: All items of the run.
        gating: How it is judged.
        floor: What is known of the recorded model.
        known: Holds targets against it.
        checks: What an event is judged by.
        can_confirm: Whether the recorded models of these events can be asked.
    """
    by_target: dict[str, list[ReplayItem]] = {}
    for item in items:
        if gating.has_verdict(item.target):
            by_target.setdefault(item.target.name, []).append(item)
    for target, sent in by_target.items():
        plan = _Plan(sent, gating, floor, known, gated_checks(sent, checks))
        yield plan.view(target, confirms=can_confirm(sent))


class _Plan:
    """What is about to be sent to one target."""

    def __init__(
        self,
        items: Sequence[ReplayItem],
        gating: Gating,
        floor: Floor,
        known: Metrics,
        metrics: Mapping[str, Sequence[ReplayItem]],
    ) -> None:
        folder = items[0].parent.folder
        self._items, self._floor, self._gating, self._known = items, floor, gating, known
        self._rules: GateRules = gating.rules(folder)
        self._stages = gating.stages(folder)
        self._metrics = metrics

    def view(self, target: str, *, confirms: bool) -> PreflightView:
        """The worst of all checks: the verdict is `ok` only if each of them is."""
        plans = self._plans(self._rules)
        graded = [plan for plan in plans if not plan.by_groups]
        far = [plan for plan in plans if plan.by_groups and not plan.ok_in_reach]
        return PreflightView(
            target=target,
            events=len(self._items),
            samples=self._stages[-1],
            staged=len(self._stages) > 1,
            margin=self._rules.margin,
            decidable=not plans or any(plan.decidable for plan in plans),
            in_reach=all(plan.ok_in_reach for plan in graded),
            passes=max((plan.fewest_passes for plan in graded), default=0),
            groups_for_ok=max((plan.fewest_passes for plan in far), default=0),
            by_sessions=self._rules.scope == "sessions",
            unsure=not all(plan.ok_when_unchanged for plan in plans),
            samples_for_ok=_samples_for_ok(plans),
            samples_if_wider=self._samples_if_wider,
            smallest_drop=max((plan.smallest_drop or 0 for plan in plans), default=0) or None,
            confirm=CALIBRATION * len(self._items) if confirms and self._is_calibrated else 0,
            set_aside=sum(map(_is_accepted, self._items)),
            floor=self._told_floor,
        )

    @property
    def _samples_if_wider(self) -> int | None:
        if self._rules.margin >= MARGIN_TO_TRY:
            return None
        return _samples_for_ok(self._plans(replace(self._rules, margin=MARGIN_TO_TRY)))

    @property
    def _is_calibrated(self) -> bool:
        return self._floor.oldest(self._items) is not None

    @property
    def _told_floor(self) -> FloorView:
        measured_now = self._gating.floor is not None
        reasons = [self._known.missing(items, spec) for spec, items in self._metrics.items()]
        worst = max(reasons, key=lambda one: one.total(), default=None)
        return FloorView(
            missing=() if measured_now or worst is None else tuple(worst.items()),
            oldest=self._floor.oldest(self._items),
            calls=CALIBRATION * len(self._items),
            cost=recorded_cost(self._items, CALIBRATION),
            anew=self._floor.anew(self._items),
        )

    def _plans(self, rules: GateRules) -> list[Preflight]:
        return [self._plan(spec, items, rules) for spec, items in self._metrics.items()]

    def _plan(self, spec: str, items: Sequence[ReplayItem], rules: GateRules) -> Preflight:
        metric = self._known.of(spec, dict.fromkeys(items, ()), lambda item: item.nodeid)
        return metric.reach(self._stages[-1], rules, self._last_level)

    @property
    def _last_level(self) -> float | None:
        if len(self._stages) == 1:
            return None
        return looks(self._stages, CALIBRATION, self._rules.alpha)[-1].ok


def _samples_for_ok(plans: Sequence[Preflight]) -> int | None:
    """Samples per event with which all are `ok`; none where there is no such number."""
    samples = [plan.samples_for_ok for plan in plans]
    enough = [number for number in samples if number is not None]
    return max(enough, default=None) if len(enough) == len(samples) else None


def _is_accepted(item: ReplayItem) -> bool:
    try:
        return accepted_baseline(item.parent.cassette, item.document, item.target.name) is not None
    except CassetteError:
        return False  # its item says so


def gated_checks(items: Sequence[ReplayItem], checks: Checks) -> dict[str, list[ReplayItem]]:
    """The gated checks, each with the events that it judges."""
    found: dict[str, list[ReplayItem]] = {}
    for item in items:
        try:
            gated = [check.spec for check in checks(item) if check.gated]
        except CassetteError:
            continue  # its item says so
        for spec in gated:
            found.setdefault(spec, []).append(item)
    return found
