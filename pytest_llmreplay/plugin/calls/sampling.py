"""The answers that are asked for to every event: one by default, several with `--llm-samples`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import pytest

from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, Sampled, item_of
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.targets.target import Target

from .sending import Sending

__all__ = ["RAISED", "Sampling"]

_Entry: TypeAlias = ReplayItem | Further

_LOOK = 1.0
"""Seconds between two looks at whether calls are still made."""

RAISED = (Exception, pytest.fail.Exception, pytest.skip.Exception)
"""What a hook of a user may raise while a request is made; it is shown where its item is."""


@dataclass(slots=True)
class _Open:
    """An item whose samples are not all there."""

    plan: SamplePlan
    asked: list[_Entry]
    results: dict[int, Result] = field(default_factory=dict)
    """By number of the sample."""
    error: BaseException | None = None
    held: list[_Entry] = field(default_factory=list)
    """Samples of other items that are judged when this one is complete."""

    @property
    def sampled(self) -> Sampled:
        """The samples that have come so far."""
        in_order = tuple(self.results[sample] for sample in sorted(self.results))
        only_reports = self.plan.only_reports
        return Sampled(results=in_order, rule=self.plan.rule, only_reports=only_reports)

    @property
    def complete(self) -> bool:
        """Whether no sample is under way."""
        return self.error is not None or len(self.results) == len(self.asked)


class Sampling:
    """Asks for samples ahead, and judges them as they arrive.

    Samples that may not be needed are sent when the answers before them left the event undecided;
    so that this costs no time, answers of later items are judged while an earlier one waits.

    Args:
        sending: Makes the calls.
        plan: How many samples an item has.
        before: The item whose samples have to be there before one of an item is judged, if any.
    """

    def __init__(
        self,
        sending: Sending,
        plan: Callable[[ReplayItem], SamplePlan],
        before: Callable[[ReplayItem], ReplayItem | None] = lambda _: None,
    ) -> None:
        self._sending, self._plan, self._before = sending, plan, before
        self._open: dict[ReplayItem, _Open] = {}
        self._further = False

    def start(self, items: Sequence[ReplayItem], *, stages: bool = False) -> None:
        """Announce what goes to live targets, and begin.

        Args:
            items: What will be judged, in this order.
            stages: Whether `another` will be called.

        Raises:
            ConfigError: A key is missing, or a host is not trusted; nothing was sent.
        """
        plans = [(item, self._plan(item)) for item in items]
        self._further = stages or any(plan != SamplePlan() for _, plan in plans)
        entries = list(self._first(plans)) if self._further else items
        self._sending.start(items, entries, samples=self._plan, more=self._further)

    def of(self, item: ReplayItem) -> Sampled:
        """Wait for the samples of an item.

        Raises:
            Exception: What a user's hook raised.
        """
        opened = self._open.get(item)
        if opened is None:
            return Sampled(results=(self._sending.result(item),))
        for needed in (self._awaited(item), opened):
            if needed is not None:
                self._sending.want(needed.asked[needed.plan.first - 1])
        self._await(opened)
        if opened.error is not None:
            raise opened.error
        return opened.sampled

    def release(self, item: ReplayItem) -> None:
        """Forget the answers of an item, and make room for others."""
        opened = self._open.pop(item, None)
        for entry in opened.asked if opened is not None else ():
            self._sending.release(entry)
        self._sending.release(item)

    def further(
        self, items: Sequence[ReplayItem], samples: range, recorded: Target | None = None
    ) -> Iterator[tuple[ReplayItem, Result]]:
        """Ask for more samples of items that were judged; each as it comes.

        Args:
            items: Whose events are sent again; the run was started with `stages`.
            samples: Numbers of the samples.
            recorded: The recorded model, where that is asked to confirm a verdict.
        """
        entries = [Further(item, number, recorded) for number in samples for item in items]
        self._sending.add(entries)
        left = len(entries)
        while left:
            entry = self._sending.arrived(_LOOK)
            if isinstance(entry, Further):
                yield entry.item, self._sending.result(entry)
                self._sending.release(entry)
                left -= 1

    def _first(self, plans: Sequence[tuple[ReplayItem, SamplePlan]]) -> Iterator[_Entry]:
        for item, plan in plans:
            if item.target.kind == "recorded":
                continue
            asked: list[_Entry] = [item, *(Further(item, n) for n in range(1, plan.first))]
            self._open[item] = _Open(plan=plan, asked=asked)
            yield from asked

    def _await(self, opened: _Open) -> None:
        """Judge what arrives, also for items whose turn comes later."""
        wait = 0.0
        while (entry := self._sending.arrived(wait)) is not None or not opened.complete:
            wait = 0.0 if opened.complete else _LOOK
            if entry is not None:
                self._take(cast("_Entry", entry))

    def _awaited(self, item: ReplayItem) -> _Open | None:
        """What the samples of an item wait for; none where it is complete."""
        before = self._before(item)
        opened = None if before is None else self._open.get(before)
        return None if opened is None or opened.complete else opened

    def _take(self, entry: _Entry) -> None:
        """Judge a sample, and those that waited for it."""
        item = item_of(entry)
        if (awaited := self._awaited(item)) is not None:
            awaited.held.append(entry)
            return
        opened = self._open[item]
        self._judge(item, opened, entry)
        if opened.complete:
            held, opened.held = opened.held, []
            for other in held:
                self._take(other)

    def _judge(self, item: ReplayItem, opened: _Open, entry: _Entry) -> None:
        """Judge a sample; send the next ones where the event is not decided."""
        try:
            opened.results[entry.sample] = self._sending.result(entry)
        except RAISED as error:
            opened.error = error
            return
        begun = len(opened.asked)
        further = opened.sampled.further(begun, opened.plan)
        added = [Further(item, sample) for sample in range(begun, begun + further)]
        opened.asked += added
        self._sending.add(added)
