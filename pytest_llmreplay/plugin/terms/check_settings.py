"""What decides about a check beside its words, so that a noise floor of other settings is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.judge.decides import JUDGINGS
from pytest_llmreplay.plugin.items.collection import ReplayItem

__all__ = ["MEAN_SCORE", "CheckSettings", "Parts", "differing"]

Parts = Mapping[str, str]
"""What decides, each part by its name: as a digest, or in words."""

MEAN_SCORE = "run:judge"
"""Stands for the checks on a mean score, which belong to no event."""

_GRADED = {"kind of score": "0 to 1"}
"""Scores of judges count as they are, not by whether they are high enough."""


class CheckSettings:
    """Finds the settings of the checks of events.

    Args:
        judged_by: What the scores of an event depend on; nothing where no judge is asked.
    """

    def __init__(self, judged_by: Callable[[ReplayItem], Parts]) -> None:
        self._judged_by = judged_by
        self._known: dict[int, tuple[Check, Parts]] = {}
        """Of checks, which many events share, by their ids."""

    def of(self, item: ReplayItem) -> dict[str, Parts]:
        """The settings by check; those that have none are left out."""
        judge = self._judged_by(item)
        graded = {**judge, **_GRADED} if judge else {}
        settings = {one.spec: graded if one.asks_judge else self._own(one) for one in item.checks}
        settings[MEAN_SCORE] = {name: part for name, part in judge.items() if name != JUDGINGS}
        return {spec: parts for spec, parts in settings.items() if parts}

    def _own(self, check: Check) -> Parts:
        if id(check) not in self._known:
            self._known[id(check)] = check, check.settings
        return self._known[id(check)][1]


def differing(one: Parts, other: Parts) -> str | None:
    """The names of what differs; none where nothing does."""
    names = (name for name in {**one, **other} if one.get(name) != other.get(name))
    return " and ".join(names) or None
