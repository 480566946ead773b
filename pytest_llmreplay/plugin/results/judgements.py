"""What came of the items: each is judged once, counted, and handed to whoever gathers results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

from pytest_llmreplay.compare.specs.layers import InForce
from pytest_llmreplay.plugin.calls.sampling import Sampling
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Further, Sampled, item_of
from pytest_llmreplay.replay.entry import Result
from pytest_llmreplay.report.summary.result import EventResult

from .next_commands import ReplayCommands
from .tallies import Tallies
from .telling import item_result, result_of

if TYPE_CHECKING:
    from pytest_llmreplay.plugin.calls.free_running import FreeRunning

__all__ = ["Judged", "Judgements", "Taker"]

Taker: TypeAlias = Callable[[ReplayItem, Sampled], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An item of the replay with its samples, and what they come to."""

    item: ReplayItem
    sampled: Sampled
    event_result: EventResult


class Judgements:
    """Judges items, one after the other.

    Args:
        samples: Have the answers.
        in_force: Says what an item is judged by.
        tallies: Count.
        commands: Write paths as they are typed.
        takers: Get each item with what came of it.
    """

    def __init__(
        self,
        samples: Sampling | FreeRunning,
        in_force: Callable[[ReplayItem], InForce],
        tallies: Tallies,
        commands: ReplayCommands,
        takers: Sequence[Taker],
    ) -> None:
        self._samples, self._in_force, self._tallies = samples, in_force, tallies
        self._commands, self._takers = commands, takers
        self._last: Judged | None = None

    def of(self, item: ReplayItem) -> Judged:
        """What came of an item; the same for a rerun, which pays nothing."""
        if (last := self.last(item)) is not None:
            return last
        if self._last is not None:
            self._samples.release(self._last.item)
        self._last = self._judge(item)
        return self._last

    def last(self, item: ReplayItem) -> Judged | None:
        """What came of an item, if it was the last to be judged."""
        return self._last if self._last is not None and self._last.item is item else None

    def bill(self, unclaimed: Iterable[Result]) -> None:
        """Count what came, and was paid, before the run was stopped and its items were judged."""
        if self._last is not None:
            self._samples.release(self._last.item)
        for result in unclaimed:
            item = item_of(cast("ReplayItem | Further", result.entry))
            self._tallies.add_cost(result_of(item, result), item.target.name)

    def _judge(self, item: ReplayItem) -> Judged:
        document = item.document  # as long as it is held, the cassette does not parse it again
        sampled = self._readable(self._samples.of(item))
        event_result = self._tell(item, sampled)
        for take in self._takers:
            take(item, sampled)
        del document
        return Judged(item=item, sampled=sampled, event_result=event_result)

    def _tell(self, item: ReplayItem, sampled: Sampled) -> EventResult:
        """Count an event once, and what all of its samples took."""
        shown = sampled.shown
        event_result = item_result(item, sampled)
        self._tallies.add(event_result, None if shown.pair is None else self._in_force(item))
        beside = 0.0
        for other in sampled.results:
            if other is not shown:
                self._tallies.add_sample(one := result_of(item, other))
                beside += one.paid or 0.0
            for further in other.beyond:
                self._tallies.add_cost(one := result_of(item, further), event_result.target)
                beside += one.paid or 0.0
        return replace(event_result, paid_beside=beside) if beside else event_result

    def _readable(self, sampled: Sampled) -> Sampled:
        """With paths as they are typed."""
        if all(result.comparison.error is None for result in sampled.results):
            return sampled
        return replace(sampled, results=tuple(map(self._with_paths, sampled.results)))

    def _with_paths(self, result: Result) -> Result:
        comparison = result.comparison
        if comparison.error is None:
            return result
        error = self._commands.text(comparison.error)
        return replace(result, comparison=replace(comparison, error=error))
