"""What a replay is about to send, for the lines before its first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.compare.prices import price
from pytest_llmreplay.errors import CassetteError, ReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.request import not_replayed
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.report.summary import PlanView, TargetPlan

from .collection import ReplayItem

__all__ = ["plan_of"]


def plan_of(
    items: Sequence[ReplayItem],
    endpoints: Endpoints,
    overrides: Overrides,
    *,
    allow: Sequence[str] = (),
    read: Callable[[ReplayItem, EventDocument], None],
) -> PlanView | None:
    """Targets, hosts, calls and estimated cost; none where nothing goes to a live target.

    Args:
        items: What is replayed.
        endpoints: Knows hosts and keys.
        overrides: What a person changed in every request.
        allow: What `--llm-allow` lets through.
        read: Is told of each recording that was read and will be sent.

    Raises:
        ConfigError: A key is missing, or a host is not trusted.
    """
    live: dict[str, _Sum] = {}
    for item in items:
        if item.target.live:
            live.setdefault(item.target.name, _Sum(item.target, overrides, allow)).add(item, read)
    if not live:
        return None
    days = [day for one in live.values() for day in one.days]
    return PlanView(
        targets=tuple(one.plan(endpoints) for one in live.values()),
        first=min(days, default=""),
        last=max(days, default=""),
        today=datetime.now(UTC).date(),
    )


class _Sum:
    """What goes to one target."""

    def __init__(self, target: Target, overrides: Overrides, allow: Sequence[str]) -> None:
        self._target, self._overrides, self._allow = target, overrides, allow
        self._formats: set[tuple[str, str]] = set()
        self._costs: list[float | None] = []
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

    def plan(self, endpoints: Endpoints) -> TargetPlan:
        """The sum, after keys and hosts were found to be in order."""
        endpoints.check(self._target, sorted(self._formats))
        priced = [cost for cost in self._costs if cost is not None]
        hosts = ", ".join(sorted(set(self._hosts(endpoints))))
        return TargetPlan(
            name=self._target.name,
            host=hosts or ("no host speaks these formats" if self._formats else ""),
            calls=len(self._costs),
            cost=sum(priced) if priced else None,
            unpriced=len(self._costs) - len(priced),
            left_out=self._left_out,
        )

    def _send(self, document: EventDocument) -> None:
        self._formats.add((document.head.provider, document.head.api))
        self._costs.append(self._estimate(document))
        if document.measured.at:
            self.days.add(document.measured.at[:10])

    def _estimate(self, document: EventDocument) -> float | None:
        """The recorded tokens at the target's list price."""
        measured = document.measured
        model = self._overrides.model or self._target.model or document.head.model
        if model is None:
            return None
        usage = Usage(input_tokens=measured.input_tokens, output_tokens=measured.output_tokens)
        return price(self._target.provider or document.head.provider, model, usage)

    def _hosts(self, endpoints: Endpoints) -> Iterator[str]:
        for provider, api in self._formats:
            try:
                yield endpoints.of(self._target, provider=provider, api=api).host
            except ReplayError:
                continue
