"""The samples of one item: which were asked for, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.compare.statistics.samples_rule import SamplesRule
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.calls.call import Identity, Purpose
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.targets.target import Target

from .collection import ReplayItem

__all__ = ["Further", "Sampled", "Samples", "item_of"]

_HOLDS: tuple[Outcome, ...] = ("changed", "ok")
_NOT_SENT: tuple[Outcome, ...] = ("not_replayed", "not_run", "stale")


Samples: TypeAlias = Callable[[ReplayItem], SamplePlan]
"""How many answers are asked for to the event of an item."""


class Further:
    """A further answer to the event of an item.

    Args:
        item: Whose event it is.
        sample: Its number.
        recorded: The recorded model, where that is asked to confirm a verdict on the target.
    """

    __slots__ = ("item", "purpose", "sample", "target")

    def __init__(self, item: ReplayItem, sample: int, recorded: Target | None = None) -> None:
        self.item, self.sample = item, sample
        self.target = recorded or item.target
        self.purpose: Purpose = item.purpose if recorded is None else "confirmation"

    @property
    def document(self) -> EventDocument:
        """The recording."""
        return self.item.document

    @property
    def accepted(self) -> Event | None:
        """What the answer is compared with in place of the recording, where there is such."""
        return self.item.accepted if self.target is self.item.target else None

    @property
    def checks(self) -> Sequence[Check]:
        """What the answer is judged by."""
        return self.item.checks

    @property
    def identity(self) -> Identity:
        """What its calls are kept under."""
        return self.item.identity


def item_of(entry: ReplayItem | Further) -> ReplayItem:
    """The item that an answer belongs to."""
    return entry.item if isinstance(entry, Further) else entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What came of all samples of an item."""

    results: tuple[Result, ...]
    """In the order in which they were asked for; those that were not needed are not in it."""
    rule: SamplesRule = field(default_factory=SamplesRule)
    only_reports: bool = False
    """Whether no divergence fails the event."""

    @property
    def held(self) -> int:
        """How many samples hold their checks."""
        return sum(result.comparison.outcome in _HOLDS for result in self.results)

    @property
    def passes(self) -> bool:
        """Whether as many hold as must."""
        return self.held >= self.rule.needed

    @property
    def shown(self) -> Result:
        """The sample that stands for all: the first that decided the word of the event."""
        if len(self.results) == 1:  # nearly always
            return self.results[0]
        if self.passes:
            held = [one for one in self.results if one.comparison.outcome in _HOLDS]
            return min(held, key=lambda one: _HOLDS.index(one.comparison.outcome))
        missed = [one for one in self.results if one.comparison.outcome not in _HOLDS]
        if self.only_reports:
            return min(missed, key=lambda one: one.comparison.outcome == "error")
        return min(missed, key=lambda one: not one.comparison.fails)

    @property
    def fails(self) -> bool:
        """Whether the event counts as failed; where it only reports, if no answer came."""
        shown = self.shown.comparison
        return shown.outcome == "error" if self.only_reports else shown.fails

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The word of each sample."""
        return tuple(result.comparison.outcome for result in self.results)

    @property
    def duration(self) -> float | None:
        """Seconds that the calls took together; none where no answer came."""
        calls = [one for result in self.results for one in (result, *result.beyond)]
        took = [one.reply.duration for one in calls if one.reply is not None]
        return sum(took) if took else None

    def further(self, asked: int, plan: SamplePlan) -> int:
        """How many samples are needed beside those that were asked for."""
        if not plan.early or any(outcome in _NOT_SENT for outcome in self.outcomes):
            return 0
        missed = len(self.results) - self.held
        under_way = asked - len(self.results)
        return max(self.rule.deciding(self.held, missed) - under_way, 0)
