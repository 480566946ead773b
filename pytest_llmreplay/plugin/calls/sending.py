"""The calls of a replay: announced, begun, and their outcomes handed to the items."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_llmreplay.cassette.documents.document import Head
from pytest_llmreplay.errors import CassetteError, ConfigError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Samples
from pytest_llmreplay.plugin.judging.judges import Judging
from pytest_llmreplay.plugin.kept_runs.keeping import RunKeeping
from pytest_llmreplay.plugin.screen import Screen
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.users.clients import Clients
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.entry import Entry, Result
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.replay.money.ledger import Sums
from pytest_llmreplay.replay.overrides import parse_overrides
from pytest_llmreplay.replay.preparation import Preparation, RequestRules, Unsent
from pytest_llmreplay.replay.requests.spoken import spoken_api
from pytest_llmreplay.replay.run import Run
from pytest_llmreplay.replay.sending.engine import WINDOW, Engine
from pytest_llmreplay.replay.targets.allowed import Allowed
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.replay.unsent.unsendable import not_replayed
from pytest_llmreplay.report.header import PlanView, header_lines

from .plan import plan_of, with_judges
from .spending import Spending
from .waiting import Waiting

if TYPE_CHECKING:
    from pytest_llmreplay.replay.sessions.history import History

__all__ = ["Sending"]


class Sending:
    """Sends ahead what the items will judge.

    Args:
        settings: The options of the run.
        screen: Where a live run is announced.
        clients: The clients that users' hooks make.
        keeping: Keeps what comes.
        judging: Asks judges about the answers.
        stops_early: Whether a few failures end the run, so that less is sent ahead.
        history: Makes the requests of sessions that run freely.
        unsent: Says why a recording that could be sent is not; none where it is.

    Raises:
        ConfigError: An override cannot be read.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        clients: Clients,
        keeping: RunKeeping,
        judging: Judging,
        *,
        stops_early: bool,
        history: History | None = None,
        unsent: Callable[[Entry], Unsent | None] = lambda _: None,
    ) -> None:
        self._settings, self._screen, self._unsent = settings, screen, unsent
        self._keeping, self._judging = keeping, judging
        self._overrides = parse_overrides(settings.overrides)
        self._endpoints = Endpoints(os.environ, clients, Allowed.by_all(settings.targets_allow))
        self._spending = Spending(settings.money, self._overrides, settings.foreseen)
        self._rules = RetryRules(retries=settings.retries)
        self._waiting = Waiting(screen.lines, self._rules.throttled_total)
        self._began = time.perf_counter()
        self._run = Run(
            self._engine(stops_early=stops_early),
            Preparation(
                self._endpoints,
                RequestRules(
                    overrides=self._overrides, allow=settings.allow, on_loss=settings.on_loss
                ),
                store=keeping,
                history=history,
                unsent=unsent,
            ),
            fail_on=settings.fail_on.rung,
            ask=settings.rejudge is None,
        )
        self.took = 0.0
        """Seconds from the first call to the last outcome."""

    @property
    def spent(self) -> Sums | None:
        """Where the money is; none where it is not limited."""
        return self._spending.sums

    def ordered(self, items: Sequence[ReplayItem], samples: Samples) -> Sequence[ReplayItem]:
        """The items in the order in which they are to be sent and judged."""
        return self._spending.ordered(items, samples)

    def estimates(self, items: Sequence[ReplayItem], samples: Samples) -> list[Estimate]:
        """What the items would cost, their judges counted; nothing is sent.

        Raises:
            ConfigError: A user's judge is none.
        """
        items = [item for item in items if self._unsent(item) is None]
        asked = () if self._settings.rejudge is not None else items
        judges = self._judging.estimates(items, self._endpoints, self._engine(), samples)
        return [*self._spending.estimates(asked, samples), *judges]

    def start(
        self,
        items: Sequence[ReplayItem],
        entries: Sequence[Entry],
        *,
        samples: Samples,
        more: bool = False,
    ) -> None:
        """Announce what goes to live targets, and begin.

        Args:
            items: What will be judged.
            entries: The calls that are made for them, in this order.
            samples: How many answers are asked for to an event.
            more: Whether further calls will be added.

        Raises:
            ConfigError: A key is missing, a host is not trusted, or the run that is gone on with
                was planned otherwise; nothing was sent.
            CassetteError: The run cannot be kept where a person wants it; nothing was sent.
        """
        items = [item for item in items if self._unsent(item) is None]
        plan = None if self._settings.rejudge is not None else self._plan(items, samples)
        judges = self._judging.start(items, self._endpoints, self._engine(), samples)
        if self._judging:
            self._run.score(self._judging)
        if plan is not None or judges:
            shown = replace(with_judges(plan, judges), takes_over=self._keeping.takes_over)
            self._screen.lines(header_lines(shown, self._screen.width))
        answers = sum(samples(item).most for item in items if item.target.kind != "recorded")
        stages = max((samples(item).stages for item in items), default=())  # all alike, if any
        self._screen.lines(self._keeping.begin(items, answers, stages))
        self._began = time.perf_counter()
        self._run.start(entries, more=more)

    def _engine(self, *, stops_early: bool = False) -> Engine:
        settings = self._settings
        return Engine(
            concurrency=settings.concurrency,
            timeout=settings.timeout,
            rules=self._rules,
            window=_window(settings, stops_early=stops_early),
            spender=self._spending.spender,
            waits=self._waiting,
        )

    def _plan(self, items: Sequence[ReplayItem], samples: Samples) -> PlanView | None:
        plan = plan_of(
            items,
            self._endpoints,
            self._overrides,
            allow=self._settings.foreseen,
            read=self._run.keep,
            money=self._settings.money,
            samples=samples,
        )
        free = self._settings.history == "replayed"
        return plan and replace(plan, free=free)

    def sends(self, item: ReplayItem) -> bool:
        """Whether an event goes to its target: nobody decided otherwise."""
        account, allow = item.target.has_account, self._settings.foreseen
        try:
            left_out = not_replayed(item.document.question, account=account, allow=allow)
        except CassetteError:
            return False  # its item says so
        return left_out is None and self._unsent(item) is None

    def can_ask(self, target: Target, items: Sequence[ReplayItem]) -> bool:
        """Whether keys and hosts are in order for any of these events to go to a target."""
        heads = [head for item in items if (head := _head(item)) is not None]
        calls = {
            (head.provider, _spoken(target, head), target.model_for(head) or "") for head in heads
        }
        try:
            return self._endpoints.check(target, sorted(calls))
        except ConfigError:
            return False

    def add(self, entries: Sequence[Entry]) -> None:
        """Make further calls before all that wait."""
        self._run.add(entries)

    def arrived(self, timeout: float) -> Entry | None:
        """The next entry that has an outcome; none where none came in so many seconds."""
        return self._run.arrived(timeout)

    def want(self, entry: Entry) -> None:
        """Let everything up to this entry through: somebody waits for it."""
        self._run.want(entry)

    def result(self, entry: Entry) -> Result:
        """Wait for the answer of an entry, and judge it."""
        result = self._run.result(entry)
        self._keeping.note(result)
        return result

    def release(self, entry: Entry) -> None:
        """Forget the answer of an entry, and make room for another."""
        self._run.release(entry)

    def unclaimed(self) -> Iterator[Result]:
        """What came for entries that were not released, judged by nobody."""
        return self._run.unclaimed()

    def stop(self) -> None:
        """End all calls."""
        self.took = time.perf_counter() - self._began
        self._run.stop()


def _window(settings: Settings, *, stops_early: bool) -> int:
    """Results that may wait; where samples follow one by one, only the first of each counts."""
    most = (2 if stops_early else WINDOW) * settings.concurrency
    follow = 1 if settings.gate.gate == "run" else settings.gate.samples or 1
    return max(most // follow, 1)


def _spoken(target: Target, head: Head) -> str:
    return spoken_api(target, head.provider, head.api, target.model_for(head) or "")


def _head(entry: Entry) -> Head | None:
    try:
        return entry.document.head
    except CassetteError:
        return None
