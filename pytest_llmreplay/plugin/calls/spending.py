"""The money of a run, between the options and the stages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.sampled import Samples
from pytest_llmreplay.plugin.settings.run_options import Money
from pytest_llmreplay.replay.calls.endpoint import is_loopback
from pytest_llmreplay.replay.money.estimate import Estimate, Estimates
from pytest_llmreplay.replay.money.ledger import Ledger, Sums
from pytest_llmreplay.replay.money.question import question_of
from pytest_llmreplay.replay.money.spender import Spender
from pytest_llmreplay.replay.money.spread import Place, spread
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["Spending"]

_ROOM = 4
"""A run that costs so many times its estimate may be cut short."""


class Spending:
    """Knows what may be spent, and what would be.

    Args:
        money: The options.
        overrides: What a person changed in every request.
        allow: What `--llm-allow` lets through.
    """

    def __init__(self, money: Money, overrides: Overrides, allow: Sequence[str]) -> None:
        self._money, self._overrides, self._allow = money, overrides, allow
        self.spender = None if money.cap is None else Spender(Ledger(money.cap))
        """Is asked before each attempt, where money is limited."""

    @property
    def sums(self) -> Sums | None:
        """Where the money is; none where it is not limited."""
        return None if self.spender is None else self.spender.sums()

    def ordered(self, items: Sequence[ReplayItem], samples: Samples) -> Sequence[ReplayItem]:
        """The items in an order of which the beginning is a fair sample, if the money may end."""
        cap = self._money.cap
        if cap is None or self._expected(items, samples) * _ROOM <= cap:
            return items
        return [items[index] for index in spread([_place(item) for item in items])]

    def estimates(self, items: Iterable[ReplayItem], samples: Samples) -> Sequence[Estimate]:
        """What the items would cost; no key is needed."""
        estimates = Estimates(self._overrides, Endpoints(os.environ), allow=self._allow)
        for item in items:
            estimates.add(item.target, item.document, samples(item))
        return estimates.all

    def _expected(self, items: Sequence[ReplayItem], samples: Samples) -> float:
        """USD of all samples, as far as usage was recorded; without end where it was not."""
        return sum(samples(item).most * self._cost(item) for item in items)

    def _cost(self, item: ReplayItem) -> float:
        if not item.target.live or _is_free(item.target):
            return 0.0
        try:
            cost = question_of(item.document, item.target, self._overrides).cost(item.target)
        except CassetteError:
            return 0.0
        return float("inf") if cost is None else cost


def _place(item: ReplayItem) -> Place:
    try:
        prompt = item.document.head.name
    except CassetteError:
        prompt = None
    return Place(cassette=str(item.path), prompt=prompt or "", number=item.place)


def _is_free(target: Target) -> bool:
    base = target.base_url
    return target.price is None and base is not None and is_loopback(base.url)
