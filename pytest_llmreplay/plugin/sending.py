"""The calls of a replay: announced, begun, and their outcomes handed to the items."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.engine import Engine
from pytest_llmreplay.replay.money.ledger import Sums
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.overrides import parse_overrides
from pytest_llmreplay.replay.retry import RetryRules
from pytest_llmreplay.replay.run import Result, Run
from pytest_llmreplay.replay.spoken import spoken_api
from pytest_llmreplay.report.summary import header_lines

from .clients import Clients
from .collection import ReplayItem
from .plan import plan_of
from .run_keeping import RunKeeping
from .screen import Screen
from .settings import Settings
from .spending import Spending

__all__ = ["Sending"]


class Sending:
    """Sends ahead what the items will judge.

    Args:
        settings: The options of the run.
        screen: Where a live run is announced.
        clients: The clients that users' hooks make.
        keeping: Keeps what comes.
        stops_early: Whether a few failures end the run, so that less is sent ahead.

    Raises:
        ConfigError: An override cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        clients: Clients,
        keeping: RunKeeping,
        *,
        stops_early: bool,
    ) -> None:
        self._settings, self._screen, self._keeping = settings, screen, keeping
        self._overrides = parse_overrides(settings.overrides)
        self._endpoints = Endpoints(os.environ, clients)
        self._spending = Spending(settings.money, self._overrides, settings.allow)
        self._began = time.perf_counter()
        self._run = Run(
            engine=_engine(settings, self._spending.spender, stops_early=stops_early),
            endpoints=self._endpoints,
            overrides=self._overrides,
            allow=settings.allow,
            on_loss=settings.on_loss,
            fail_on=settings.fail_on.rung,
            store=keeping,
            ask=settings.rejudge is None,
        )
        self.took = 0.0
        """Seconds from the first call to the last outcome."""

    @property
    def spent(self) -> Sums | None:
        """Where the money is; none where it is not limited."""
        return self._spending.sums

    def ordered(self, items: Sequence[ReplayItem]) -> Sequence[ReplayItem]:
        """The items in the order in which they are to be sent and judged."""
        return self._spending.ordered(items)

    def estimate(self, items: Sequence[ReplayItem]) -> None:
        """Say what the items would cost."""
        self._screen.lines(self._spending.estimate(items, self._screen.width))

    def start(self, items: Sequence[ReplayItem]) -> None:
        """Announce what goes to live targets, and begin.

        Raises:
            ConfigError: A key is missing, or a host is not trusted; nothing was sent.
            CassetteError: The run cannot be kept where a person wants it; nothing was sent.
        """
        if self._settings.rejudge is None:
            self._announce(items)
        self._screen.lines(self._keeping.begin(items))
        self._began = time.perf_counter()
        self._run.start((item, _api(item)) for item in items if item.target.kind != "recorded")

    def _announce(self, items: Sequence[ReplayItem]) -> None:
        plan = plan_of(
            items,
            self._endpoints,
            self._overrides,
            allow=self._settings.allow,
            read=self._run.keep,
            money=self._settings.money,
        )
        if plan is not None:
            self._screen.lines(header_lines(plan, self._screen.width))

    def result(self, item: ReplayItem) -> Result:
        """Wait for the answer of an item, and judge it."""
        return self._run.result(item)

    def release(self, item: ReplayItem) -> None:
        """Forget the answer of an item, and make room for another."""
        self._run.release(item)

    def stop(self) -> None:
        """End all calls."""
        self.took = time.perf_counter() - self._began
        self._run.stop()


def _engine(settings: Settings, spender: Spender | None, *, stops_early: bool) -> Engine:
    return Engine(
        concurrency=settings.concurrency,
        timeout=settings.timeout,
        rules=RetryRules(retries=settings.retries),
        window=2 * settings.concurrency if stops_early else None,
        spender=spender,
    )


def _api(item: ReplayItem) -> str:
    """The API format that an event is sent in; one that cannot be read is not sent anyway."""
    try:
        head = item.document.head
    except CassetteError:
        return "other"
    model = item.target.model or head.model or ""
    return spoken_api(item.target, head.provider, head.api, model)
