"""What a replay is about to send, for the lines before its first call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.compare.prices import price
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.report.summary import PlanView, TargetPlan

from .collection import ReplayItem
from .shelf import open_cassette

__all__ = ["plan_of"]


def plan_of(
    items: Sequence[ReplayItem], endpoints: Endpoints, overrides: Overrides
) -> PlanView | None:
    """Targets, hosts, calls and estimated cost; none where nothing goes to a live target.

    Raises:
        ConfigError: A key is missing, or a host is not trusted.
    """
    live: dict[str, list[ReplayItem]] = {}
    for item in items:
        if item.target.live:
            live.setdefault(item.target.name, []).append(item)
    if not live:
        return None
    days = [day for group in live.values() for item in group if (day := _day(_document(item)))]
    return PlanView(
        targets=tuple(_target(group, endpoints, overrides) for group in live.values()),
        first=min(days, default=""),
        last=max(days, default=""),
        today=datetime.now(UTC).date(),
    )


def _target(items: Sequence[ReplayItem], endpoints: Endpoints, overrides: Overrides) -> TargetPlan:
    target = items[0].target
    documents = [_document(item) for item in items]
    calls = {(document.head.provider, document.head.api) for document in documents}
    endpoints.check(target, sorted(calls))
    costs = [_estimate(target, document, overrides) for document in documents]
    priced = [cost for cost in costs if cost is not None]
    return TargetPlan(
        name=target.name,
        host=", ".join(sorted(_hosts(target, calls, endpoints))) or "no host speaks these formats",
        calls=len(items),
        cost=sum(priced) if priced else None,
        unpriced=len(costs) - len(priced),
    )


def _hosts(target: Target, calls: set[tuple[str, str]], endpoints: Endpoints) -> set[str]:
    hosts = set()
    for provider, api in calls:
        try:
            hosts.add(endpoints.of(target, provider=provider, api=api).host)
        except ReplayError:
            continue
    return hosts


def _estimate(target: Target, document: EventDocument, overrides: Overrides) -> float | None:
    """The recorded tokens at the target's list price."""
    measured = document.measured
    model = overrides.model or target.model or document.head.model
    if model is None:
        return None
    usage = Usage(input_tokens=measured.input_tokens, output_tokens=measured.output_tokens)
    return price(target.provider or document.head.provider, model, usage)


def _document(item: ReplayItem) -> EventDocument:
    return open_cassette(item.path).document(item.place)


def _day(document: EventDocument) -> str:
    return (document.measured.at or "")[:10]
