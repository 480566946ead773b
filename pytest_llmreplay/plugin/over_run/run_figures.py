"""What the calls of a run took, beside what the recorded model's took, for checks over the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from pytest_llmreplay.compare.check import Finding, NotMeasured
from pytest_llmreplay.compare.checks.run_score import RunScore
from pytest_llmreplay.compare.figures.call_figures import (
    NO_FIGURES,
    EventFigures,
    Figures,
    figures_of_both,
    has_figures,
)
from pytest_llmreplay.compare.specs.scoped import RunCheck
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.scope_items import ScopeItem
from pytest_llmreplay.plugin.results.telling import session_key
from pytest_llmreplay.plugin.terms.gating import Gating
from pytest_llmreplay.plugin.terms.scores import answered, figures_of_result
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.targets.target import Target

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.terms.floor import Floor

__all__ = ["RunFigures"]

_NOT_SENT = ("not_replayed", "stale")


class RunFigures:
    """Collects the figures of all answers, and judges the run by them.

    Args:
        gating: Knows whose answers are the noise floor.
        kept: Gives the noise floor that earlier runs kept.
    """

    def __init__(self, gating: Gating, kept: Callable[[], Floor]) -> None:
        self._gating, self._kept = gating, kept
        self._judged: set[str] = set()
        """Names of the targets that are judged."""
        self._found: dict[str, dict[ReplayItem, EventFigures]] = {}

    def expect(self, target: Target) -> None:
        """Note that a target will be judged.

        Raises:
            ConfigError: The noise floor that was kept cannot be read.
        """
        self._judged.add(target.name)
        self._kept()

    def judges(self, target: Target) -> bool:
        """Whether a target will be judged."""
        return target.name in self._judged

    def add(self, item: ReplayItem, result: Result) -> None:
        """Note one more answer to an event."""
        if not self._judged or result.comparison.outcome in _NOT_SENT:
            return
        of_target = self._found.setdefault(item.target.name, {})
        known = of_target.get(item) or EventFigures(
            key=f"{item.parent.nodeid}::{item.label}", session=session_key(item)
        )
        of_target[item] = _added(known, result)

    def judge(self, item: ScopeItem) -> Iterator[Finding]:
        """The finding of each check; the recorded model counts where it answered every event."""
        found = self._found.get(item.target.name, {})
        floor = self._floor(found)
        beside_floor = [replace(one, calibration=floor[its]) for its, one in found.items()]
        rules = replace(self._gating.rules(item.members[0].parent.folder), schedule=None)
        for check in cast("Sequence[RunCheck]", item.checks):
            by_score = isinstance(check, RunScore) and check.relative
            refused = self._scored_otherwise(found) if by_score else None
            if refused is not None:
                yield NotMeasured(check=check.spec, reason=refused)
            elif all(has_figures(floor[its], judged=by_score) for its in found):
                yield check.judge(beside_floor, rules)
            else:
                yield check.judge(tuple(found.values()), rules)

    def _scored_otherwise(self, found: Iterable[ReplayItem]) -> str | None:
        """Why the scores of the noise floor that was kept cannot be held against those of now."""
        if self._gating.floor is not None:
            return None
        others = next(filter(None, map(self._kept().scored_otherwise, found)), None)
        if others is None:
            return None
        return f"the noise floor was scored with another {others}: run --llm-calibrate"

    def _floor(
        self, found: Mapping[ReplayItem, EventFigures]
    ) -> dict[ReplayItem, tuple[Figures, ...]]:
        """What the recorded model's answers took: those of this run, else of an earlier one."""
        if self._gating.floor is None:
            return {item: self._kept().figures(item) for item in found}
        now = self._found.get(self._gating.floor, {})
        by_key = {one.key: answered(one.replayed) for one in now.values()}
        return {item: by_key.get(one.key, ()) for item, one in found.items()}


def _added(known: EventFigures, result: Result) -> EventFigures:
    """The figures of an event with those of one more answer."""
    pair, replayed = result.pair, (*known.replayed, figures_of_result(result))
    if pair is None or known.recorded != NO_FIGURES:
        return replace(known, replayed=replayed)
    return replace(known, recorded=figures_of_both(pair)[0], replayed=replayed)
