"""Calls, tokens and money of recorded events, before any of them is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pytest_llmreplay.errors import CassetteError, LlmReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.gate_plan import SamplePlan
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.replay.unsent.unsendable import not_replayed

from .question import Question, Recorded, counted_question, question_of

__all__ = ["Estimate", "Estimates"]

_ONCE = SamplePlan()


@dataclass(slots=True, kw_only=True)
class Estimate:
    """What one target, or a judge, is going to be asked; retries are not in it."""

    target: str
    calls: int = 0
    """All samples counted, also those that may turn out not to be needed."""
    events: int = 0
    samples: int = 1
    """Answers to an event at most."""
    at_most: bool = False
    """Whether fewer calls may decide."""
    input_tokens: int = 0
    output_tokens: int = 0
    guessed: Counter[str] = field(default_factory=Counter)
    """Calls whose tokens no provider counted, by who did."""
    cost: float = 0.0
    """USD of the calls that have a price."""
    priced: int = 0
    """How many have one."""
    own_price: bool = False
    """Whether a person wrote it down."""
    unpriced: Counter[str] = field(default_factory=Counter)
    """Calls without a price, by `provider/model`."""
    local: int = 0
    """Calls to a server on this machine."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Events that are not sent, by reason."""
    confirming: int = 0
    """Calls of the recorded model, or of the judge, that are made only if a regression shows; not
    in the others."""
    is_judge: bool = False
    """Whether it is a judge that is asked."""

    def charge(self, calls: int, usage: Usage, cost: float | None, *, model: str) -> None:
        """Add calls that take this much each.

        Args:
            calls: How many.
            usage: Tokens of one.
            cost: USD of one; none where nobody knows.
            model: `provider/model`; empty for a server on this machine that has no price.
        """
        self.calls += calls
        self.input_tokens += calls * (usage.input_tokens or 0)
        self.output_tokens += calls * (usage.output_tokens or 0)
        if cost is not None:
            self.cost += calls * cost
            self.priced += calls
        elif model:
            self.unpriced[model] += calls
        else:
            self.local += calls


class Estimates:
    """Adds up what targets are going to be asked; nothing is sent, and no key is needed.

    Args:
        overrides: What a person changed in every request.
        endpoints: Knows hosts.
        allow: What `--llm-allow` lets through.
        priced_only: Whether tokens are counted only where they cost money.
    """

    def __init__(
        self,
        overrides: Overrides,
        endpoints: Endpoints,
        *,
        allow: Collection[str] = (),
        priced_only: bool = False,
    ) -> None:
        self._overrides, self._endpoints, self._allow = overrides, endpoints, allow
        self._priced_only = priced_only
        self._by_target: dict[str, Estimate] = {}

    @property
    def all(self) -> Sequence[Estimate]:
        """The estimates of all targets, in the order in which they were met."""
        return tuple(self._by_target.values())

    def of(self, target: Target) -> Estimate:
        """The estimate of a target, empty at first."""
        return self._by_target.setdefault(
            target.name, Estimate(target=target.name, own_price=target.price is not None)
        )

    def add(self, target: Target, document: Recorded, plan: SamplePlan = _ONCE) -> Question | None:
        """Take one more event in; what its call asks, where it is made.

        Args:
            target: Where it goes; the recording itself is not asked.
            document: The recorded event.
            plan: How many answers to it are asked for.
        """
        if target.kind == "recorded":
            return None
        estimate = self.of(target)
        try:
            reason = self._left_out(target, document)
            if reason is None:
                question = self._send(estimate, target, document, plan.most)
        except CassetteError:
            reason = "cannot be read"
        if reason is not None:
            estimate.left_out[reason] += 1
            return None
        estimate.samples = max(estimate.samples, plan.most)
        estimate.at_most = estimate.at_most or plan.first < plan.most
        estimate.confirming += plan.confirming
        return question

    def _send(
        self, estimate: Estimate, target: Target, document: Recorded, samples: int
    ) -> Question:
        question = question_of(document, target, self._overrides)
        local = target.price is None and self._is_local(target, document, question.api)
        if not (local and self._priced_only):
            question = counted_question(question, document, target)
        cost = None if local else question.cost(target)
        model = "" if local else f"{question.provider}/{question.model}"
        estimate.charge(samples, question.usage, cost, model=model)
        estimate.events += 1
        if question.counted != "usage":
            estimate.guessed[question.counted] += samples
        return question

    def _left_out(self, target: Target, document: Recorded) -> str | None:
        return not_replayed(document.question, account=target.has_account, allow=self._allow)

    def _is_local(self, target: Target, document: Recorded, api: str) -> bool:
        """Whether a call stays on this machine; where a key is missing, it would not."""
        if target.kind == "simulated":
            return True
        provider = document.head.provider
        try:
            return self._endpoints.of(target, provider=provider, api=api).loopback
        except LlmReplayError:
            return False
