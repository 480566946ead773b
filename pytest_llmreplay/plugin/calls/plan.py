"""What a replay is about to send, for the lines before its first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.figures.prices import price
from pytest_llmreplay.errors import CassetteError, ReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Samples
from pytest_llmreplay.plugin.settings.run_options import Money
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.money.estimate import Estimates
from pytest_llmreplay.replay.money.guard import refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.report.header import PlanView, TargetPlan

__all__ = ["plan_of", "recorded_cost", "with_judges"]


def plan_of(
    items: Sequence[ReplayItem],
    endpoints: Endpoints,
    overrides: Overrides,
    *,
    allow: Sequence[str] = (),
    read: Callable[[ReplayItem, EventDocument], None],
    money: Money,
    samples: Samples = lambda _: SamplePlan(),
) -> PlanView | None:
    """Targets, hosts, calls and estimated cost; none where nothing goes to a live target.

    Args:
        items: What is replayed.
        endpoints: Knows hosts and keys.
        overrides: What a person changed in every request.
        allow: What `--llm-allow` lets through.
        read: Is told of each recording that was read and will be sent.
        money: What may be spent.
        samples: How many answers are asked for to an event.

    Raises:
        ConfigError: A key is missing, a host is not trusted, or a limit is missing or cannot be
            kept.
    """
    live: dict[str, _Sum] = {}
    estimates = Estimates(overrides, endpoints, allow=allow, priced_only=True)
    for item in items:
        if item.target.live:
            one = live.setdefault(item.target.name, _Sum(item.target, estimates))
            one.add(item, samples(item), read)
    if not live:
        return None
    days = [day for one in live.values() for day in one.days]
    return PlanView(
        targets=tuple(one.plan(endpoints, money) for one in live.values()),
        first=min(days, default=""),
        last=max(days, default=""),
        today=datetime.now(UTC).date(),
        changed=any(one.changed for one in live.values()),
        reconstructed=len(set().union(*(one.reconstructed for one in live.values()))),
    )


def with_judges(plan: PlanView | None, judges: tuple[TargetPlan, ...]) -> PlanView:
    """The plan with what judges will be asked."""
    known = plan or PlanView(targets=(), first="", last="", today=datetime.now(UTC).date())
    return replace(known, targets=(*known.targets, *judges))


def recorded_cost(items: Sequence[ReplayItem], times: int) -> float | None:
    """USD of asking the recorded models this often again; none where no price is known."""
    costs = []
    for item in items:
        document = item.document
        try:
            head, measured = document.head, document.measured
        except CassetteError:
            continue
        usage = Usage(input_tokens=measured.input_tokens, output_tokens=measured.output_tokens)
        costs.append(price(head.provider, head.model or "", usage))
    known = [cost for cost in costs if cost is not None]
    return times * sum(known) if known else None


class _Sum:
    """What goes to one target."""

    def __init__(self, target: Target, estimates: Estimates) -> None:
        self._target, self._estimates = target, estimates
        self._asked: set[tuple[str, str, str]] = set()
        """Provider as recorded, API format and model of the calls."""
        self.days: set[str] = set()
        """Days of the recordings."""
        self.reconstructed: set[tuple[Path, int]] = set()
        """Events that were put together from what a log tells."""

    @property
    def changed(self) -> bool:
        """Whether a variant changes the requests."""
        return self._target.variant is not None

    def add(
        self,
        item: ReplayItem,
        samples: SamplePlan,
        read: Callable[[ReplayItem, EventDocument], None],
    ) -> None:
        """Count one more event; one that cannot be read is left out, and says so later."""
        document = item.document
        question = self._estimates.add(self._target, document, samples)
        if question is None:
            return
        self._asked.add((document.head.provider, question.api, question.model))
        if document.measured.at:
            self.days.add(document.measured.at[:10])
        if document.head.origin == "reconstructed":
            self.reconstructed.add((item.path, item.place))
        read(item, document)

    def plan(self, endpoints: Endpoints, money: Money) -> TargetPlan:
        """The sum, after keys, hosts and money were found to be in order."""
        endpoints.check(self._target, sorted(self._asked))
        found = list(self._found(endpoints))
        hosts = ", ".join(sorted({endpoint.host for endpoint in found}))
        self._refuse(money, hosts, away=not all(endpoint.loopback for endpoint in found))
        return TargetPlan(
            host=hosts or ("no known host speaks these formats" if self._asked else ""),
            estimate=self._estimates.of(self._target),
        )

    def _refuse(self, money: Money, hosts: str, *, away: bool) -> None:
        """Stop before the first call where money has no limit that it needs, or cannot keep it."""
        if money.cap is None:
            if money.unwatched and away:
                refuse_unlimited(self._target.name, hosts)
            return
        if unpriced := self._estimates.of(self._target).unpriced:
            refuse_unpriced(self._target.name, unpriced)

    def _found(self, endpoints: Endpoints) -> Iterator[Endpoint]:
        for provider, api, model in self._asked:
            try:
                yield endpoints.of(self._target, provider=provider, api=api, model=model)
            except ReplayError:
                continue
