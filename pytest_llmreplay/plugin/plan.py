"""What a replay is about to send, for the lines before its first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.errors import CassetteError, ReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.endpoint import Endpoint
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.money.estimate import Question, question_of
from pytest_llmreplay.replay.money.guard import refuse_unlimited, refuse_unpriced
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.replay.unsendable import not_replayed
from pytest_llmreplay.report.summary import PlanView, TargetPlan

from .collection import ReplayItem
from .money import Money

__all__ = ["plan_of"]


def plan_of(
    items: Sequence[ReplayItem],
    endpoints: Endpoints,
    overrides: Overrides,
    *,
    allow: Sequence[str] = (),
    read: Callable[[ReplayItem, EventDocument], None],
    money: Money,
) -> PlanView | None:
    """Targets, hosts, calls and estimated cost; none where nothing goes to a live target.

    Args:
        items: What is replayed.
        endpoints: Knows hosts and keys.
        overrides: What a person changed in every request.
        allow: What `--llm-allow` lets through.
        read: Is told of each recording that was read and will be sent.
        money: What may be spent.

    Raises:
        ConfigError: A key is missing, a host is not trusted, or a limit is missing or cannot be
            kept.
    """
    live: dict[str, _Sum] = {}
    for item in items:
        if item.target.live:
            live.setdefault(item.target.name, _Sum(item.target, overrides, allow)).add(item, read)
    if not live:
        return None
    days = [day for one in live.values() for day in one.days]
    return PlanView(
        targets=tuple(one.plan(endpoints, money) for one in live.values()),
        first=min(days, default=""),
        last=max(days, default=""),
        today=datetime.now(UTC).date(),
    )


_SOME = Usage(input_tokens=1, output_tokens=1)
"""Enough to ask whether there is a price."""


class _Sum:
    """What goes to one target."""

    def __init__(self, target: Target, overrides: Overrides, allow: Sequence[str]) -> None:
        self._target, self._overrides, self._allow = target, overrides, allow
        self._formats: set[tuple[str, str]] = set()
        self._questions: list[Question] = []
        self._left_out = 0
        self.days: set[str] = set()
        """Days of the recordings."""

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
            if replace(question, usage=_SOME).cost(self._target) is None
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
