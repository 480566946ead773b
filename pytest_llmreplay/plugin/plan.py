"""What a replay is about to send, for the lines before its first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.compare.prices import price
from pytest_llmreplay.errors import CassetteError, ReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.endpoint import Endpoint
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.money.estimate import Question, question_of
from pytest_llmreplay.replay.money.guard import has_price, refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.replay.unsendable import not_replayed
from pytest_llmreplay.report.summary import PlanView, TargetPlan

from .collection import ReplayItem
from .money import Money
from .sampled import SamplePlan

__all__ = ["plan_of", "recorded_cost", "with_judges"]


def plan_of(
    items: Sequence[ReplayItem],
    endpoints: Endpoints,
    overrides: Overrides,
    *,
    allow: Sequence[str] = (),
    read: Callable[[ReplayItem, EventDocument], None],
    money: Money,
    samples: Callable[[ReplayItem], SamplePlan] = lambda _: SamplePlan(),
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
    for item in items:
        if item.target.live:
            one = live.setdefault(item.target.name, _Sum(item.target, overrides, allow))
            one.add(item, read)
            one.samples = max(one.samples, samples(item), key=lambda plan: plan.most)
    if not live:
        return None
    days = [day for one in live.values() for day in one.days]
    return PlanView(
        targets=tuple(one.plan(endpoints, money) for one in live.values()),
        first=min(days, default=""),
        last=max(days, default=""),
        today=datetime.now(UTC).date(),
        changed=any(one.changed for one in live.values()),
    )


def with_judges(plan: PlanView | None, judges: tuple[TargetPlan, ...]) -> PlanView:
    """The same with what judges will be asked."""
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

    def __init__(self, target: Target, overrides: Overrides, allow: Sequence[str]) -> None:
        self._target, self._overrides, self._allow = target, overrides, allow
        self._formats: set[tuple[str, str]] = set()
        self._questions: list[Question] = []
        self._left_out = 0
        self.days: set[str] = set()
        """Days of the recordings."""
        self.samples = SamplePlan()
        """The most answers to one event."""

    @property
    def changed(self) -> bool:
        """Whether a variant changes the requests."""
        return self._target.variant is not None

    def add(self, item: ReplayItem, read: Callable[[ReplayItem, EventDocument], None]) -> None:
        """Count one more event; one that cannot be read is left out, and says so later."""
        document = item.document
        try:
            if not_replayed(document.question, allow=self._allow) is None:
                self._send(document)
                read(item, document)
            else:
                self._left_out += 1
        except CassetteError:
            self._left_out += 1

    def plan(self, endpoints: Endpoints, money: Money) -> TargetPlan:
        """The sum, after keys, hosts and money were found to be in order."""
        endpoints.check(self._target, sorted(self._formats))
        found = list(self._found(endpoints))
        hosts = ", ".join(sorted({endpoint.host for endpoint in found}))
        # Nobody lists a price for a server on this machine.
        local = bool(found) and all(endpoint.loopback for endpoint in found)
        local = local and self._target.price is None
        if not local:
            self._refuse(money, hosts, away=not all(endpoint.loopback for endpoint in found))
        costs = [] if local else [question.cost(self._target) for question in self._questions]
        priced = [cost for cost in costs if cost is not None]
        return TargetPlan(
            name=self._target.name,
            host=hosts or ("no host speaks these formats" if self._formats else ""),
            calls=len(self._questions),
            cost=sum(priced) if priced else None,
            unpriced=len(costs) - len(priced),
            left_out=self._left_out,
            samples=self.samples.most,
            at_most=self.samples.first < self.samples.most,
        )

    def _refuse(self, money: Money, hosts: str, *, away: bool) -> None:
        """Stop before the first call where money has no limit that it needs, or cannot keep it."""
        if money.cap is None:
            if money.unwatched and away and self._questions:
                refuse_unlimited(self._target.name, hosts)
            return
        unpriced = {
            f"{question.provider}/{question.model}"
            for question in self._questions
            if not has_price(self._target, question.provider, question.model)
        }
        if unpriced:
            refuse_unpriced(self._target.name, unpriced)

    def _send(self, document: EventDocument) -> None:
        question = question_of(document, self._target, self._overrides)
        self._formats.add((document.head.provider, question.api))
        self._questions.append(question)
        measured = document.measured
        if measured.at:
            self.days.add(measured.at[:10])

    def _found(self, endpoints: Endpoints) -> Iterator[Endpoint]:
        for provider, api in self._formats:
            try:
                yield endpoints.of(self._target, provider=provider, api=api)
            except ReplayError:
                continue
