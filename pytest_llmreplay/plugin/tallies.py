"""The figures of a replay, target by target, and the checks that were in force."""

from __future__ import annotations

from datetime import UTC, datetime

from pytest_llmreplay.compare.layers import InForce
from pytest_llmreplay.compare.prices import price_data
from pytest_llmreplay.report.result import EventResult
from pytest_llmreplay.report.summary import RunView, summary_lines
from pytest_llmreplay.report.tally import Tally

from .checks import ForceCount

__all__ = ["Tallies"]


class Tallies:
    """Counts results as they come."""

    def __init__(self) -> None:
        self._by_target: dict[str, Tally] = {}
        self._force = ForceCount()

    def __bool__(self) -> bool:
        return bool(self._by_target)

    @property
    def failed(self) -> bool:
        """Whether any event failed."""
        return any(tally.causes for tally in self._by_target.values())

    def add(self, told: EventResult, force: InForce | None) -> None:
        """Count one more result, with the checks it was judged by."""
        self._of(told.target).add(told)
        if force is not None:
            self._force.add(told.target, force)

    def add_sample(self, told: EventResult) -> None:
        """Count what a further answer to an event took."""
        self._of(told.target).add_sample(told)

    def add_cost(self, told: EventResult, target: str) -> None:
        """Count what a call cost that was made for a verdict on a target."""
        self._of(target).spend(told)

    def _of(self, target: str) -> Tally:
        tally = self._by_target.get(target)
        if tally is None:
            tally = self._by_target[target] = Tally(target)
        return tally

    def lines(self, width: int, *, seconds: float, again: str | None) -> list[str]:
        """What a run says at its end.

        Args:
            width: Columns of a line.
            seconds: How long the calls took together.
            again: Command that repeats what failed.
        """
        tallies = tuple(self._by_target.values())
        checks, dropped = self._force.told(max(tally.events for tally in tallies))
        live = any(tally.calls for tally in tallies)
        view = RunView(
            tallies=tallies,
            today=datetime.now(UTC).date(),
            checks=checks,
            dropped=dropped,
            seconds=seconds if live else None,
            prices=price_data() if live else None,
            again=again,
        )
        return summary_lines(view, width)
