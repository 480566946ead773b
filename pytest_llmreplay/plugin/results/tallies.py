"""The figures of a replay, target by target, and the checks that were in force."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from pytest_llmreplay.compare.figures.prices import price_data
from pytest_llmreplay.compare.specs.layers import InForce
from pytest_llmreplay.plugin.settings.run_options import FailOnSetting
from pytest_llmreplay.plugin.terms.checks import ForceCount
from pytest_llmreplay.replay.money.ledger import Sums
from pytest_llmreplay.report.summary.force import Lenient
from pytest_llmreplay.report.summary.judged import JudgeView
from pytest_llmreplay.report.summary.result import EventResult
from pytest_llmreplay.report.summary.summary import RunView, summary_lines
from pytest_llmreplay.report.summary.tally import Tally

__all__ = ["Tallies"]


class Tallies:
    """Counts results as they come."""

    def __init__(self, fail_on: FailOnSetting) -> None:
        self._fail_on = fail_on
        self._by_target: dict[str, Tally] = {}
        self._force = ForceCount()

    def __bool__(self) -> bool:
        return bool(self._by_target)

    @property
    def failed(self) -> bool:
        """Whether any event failed."""
        return any(
            sum(cause.count for cause in tally.causes.values()) > tally.let_go
            for tally in self._by_target.values()
        )

    @property
    def outcomes(self) -> Counter[str]:
        """Events by outcome, those of all targets together."""
        return sum((Counter[str](one.outcomes) for one in self._by_target.values()), Counter())

    def add(self, result: EventResult, force: InForce | None) -> None:
        """Count one more result, with the checks it was judged by."""
        self._of(result.target).add(result)
        if force is not None:
            self._force.add(result.target, force)

    def add_sample(self, result: EventResult) -> None:
        """Count what a further answer to an event took."""
        self._of(result.target).add_sample(result)

    def add_cost(self, result: EventResult, target: str) -> None:
        """Count what a call cost that was made for a verdict on a target."""
        self._of(target).spend(result)

    def _of(self, target: str) -> Tally:
        tally = self._by_target.get(target)
        if tally is None:
            tally = self._by_target[target] = Tally(target)
        return tally

    def lines(
        self,
        width: int,
        *,
        seconds: float,
        again: str | None,
        sums: Sums | None = None,
        judges: tuple[JudgeView, ...] = (),
    ) -> list[str]:
        """What a run says at its end.

        Args:
            width: Columns of a line.
            seconds: How long the calls took together.
            again: Command that repeats what failed.
            sums: Where the money is, where it is limited.
            judges: What judged the answers.
        """
        tallies = tuple(self._by_target.values())
        checks, dropped = self._force.told(max((tally.events for tally in tallies), default=0))
        own = {judge.own_price for judge in judges if judge.bill.cost}
        live = any(tally.calls for tally in tallies)
        view = RunView(
            tallies=tallies,
            today=datetime.now(UTC).date(),
            checks=checks,
            dropped=dropped,
            lenient=self._lenient(),
            seconds=seconds if live else None,
            prices=price_data(own.union(*(one.own_prices for one in tallies))) if live else None,
            again=again,
            sums=sums,
            judges=judges,
        )
        return summary_lines(view, width)

    def _lenient(self) -> Lenient | None:
        if self._fail_on.source is None:
            return None
        let_go = sum(tally.let_go for tally in self._by_target.values())
        return Lenient(rung=self._fail_on.rung, source=self._fail_on.source, let_go=let_go)
