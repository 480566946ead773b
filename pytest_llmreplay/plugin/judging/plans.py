"""What judges are going to be asked, before they are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.judge.forecast import Forecast
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.settings.run_options import Money
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.replay.money.guard import refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.money.question import usage_of
from pytest_llmreplay.replay.unsent.unsendable import not_replayed
from pytest_llmreplay.report.header import TargetPlan

if TYPE_CHECKING:
    from pytest_llmreplay.judge.asking.calls import Asking
    from pytest_llmreplay.judge.judges import Judge

__all__ = ["JudgePlans"]


class JudgePlans:
    """Adds up what every judge that asks a model is asked about.

    Args:
        allow: What `--llm-allow` lets through.
    """

    def __init__(self, allow: Sequence[str]) -> None:
        self._allow = allow
        self._found: dict[Path | None, tuple[Asking, Forecast]] = {}

    def take(self, path: Path | None, judge: Judge | None, *, pairwise: bool) -> None:
        """Note the judge that a config file names, with what it may be asked.

        Args:
            path: The config file that names it.
            judge: None where nobody judges.
            pairwise: Whether it reads both answers at once.

        Raises:
            ConfigError: Its target cannot judge.
        """
        if judge is not None and (asking := judge.asking) is not None:
            asking.target.check_without_key()
            self._found[path] = asking, Forecast(judge, asking.target, pairwise=pairwise)

    def add(self, path: Path | None, item: ReplayItem, plan: SamplePlan, *, over_run: bool) -> None:
        """Take the answers to an item in, which the judge of a config file is asked about."""
        if path not in self._found:
            return
        _, forecast = self._found[path]
        with suppress(CassetteError):  # the item tells it
            document = item.document
            account = item.target.has_account
            if not_replayed(document.question, account=account, allow=self._allow) is None:
                usage, _ = usage_of(document, forecast.model)
                forecast.add((item.path, item.place), usage, plan, over_run=over_run)

    def estimates(self) -> list[Estimate]:
        """What each would be asked at most; those that only tell what is stored are left out."""
        return [forecast.estimate() for asking, forecast in self._found.values() if asking.asks]

    def plans(self, money: Money) -> tuple[TargetPlan, ...]:
        """The plan of each judge, with its host, once keys, hosts and money are in order.

        Raises:
            ConfigError: One cannot be asked, or the money has no limit that it needs, or one that
                cannot be kept.
        """
        plans = [_plan(asking, one.estimate(), money) for asking, one in self._found.values()]
        return tuple(plan for plan in plans if plan is not None)


def _plan(asking: Asking, estimate: Estimate, money: Money) -> TargetPlan | None:
    endpoint = asking.target.check()
    if not asking.asks:
        return None
    if money.cap is None and money.unwatched and not endpoint.loopback:
        refuse_unlimited(estimate.target, endpoint.host)
    if money.cap is not None and estimate.unpriced:
        refuse_unpriced(estimate.target, estimate.unpriced)
    return TargetPlan(host=endpoint.host, estimate=estimate)
