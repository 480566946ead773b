"""Calls, tokens and money of recorded events, before any of them is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.compare.prices import price
from pytest_llmreplay.compare.tokens import (
    Source,
    recorded_usage,
    tokens_of_request,
    tokens_of_response,
)
from pytest_llmreplay.errors import CassetteError, LlmReplayError, ReplayError
from pytest_llmreplay.event import Usage
from pytest_llmreplay.replay.endpoints import Endpoints
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.spoken import spoken_api
from pytest_llmreplay.replay.targets import Target
from pytest_llmreplay.replay.unsendable import not_replayed, recorded_body

__all__ = ["Estimate", "Estimates", "Question", "question_of"]

_BYTES_OF_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What decides about the price of a call."""

    provider: str
    api: str
    model: str
    usage: Usage
    """As recorded; a target that answers at greater length costs more."""
    counted: Source = "usage"

    def cost(self, target: Target) -> float | None:
        """USD; none where nobody knows a price."""
        if target.price is not None:
            return target.price.of(self.usage)
        return price(self.provider, self.model, self.usage)


@dataclass(slots=True, kw_only=True)
class Estimate:
    """What one target is going to be asked."""

    target: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    guessed: Counter[str] = field(default_factory=Counter)
    """Calls whose tokens no provider counted, by who did."""
    cost: float = 0.0
    """USD of the calls that have a price."""
    priced: int = 0
    """How many have one."""
    unpriced: Counter[str] = field(default_factory=Counter)
    """Calls without a price, by `provider/model`."""
    local: int = 0
    """Calls to a server on this machine."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Events that are not sent, by reason."""


def question_of(document: EventDocument, target: Target, overrides: Overrides) -> Question:
    """What a target would be asked in the place of a recorded call, with its recorded tokens.

    A variant's words are counted roughly; those of a user's function are not.

    Raises:
        CassetteDamaged: The event cannot be read.
    """
    head = document.head
    model = overrides.model or target.model_for(head) or ""
    return Question(
        provider=target.provider or head.provider,
        api=spoken_api(target, head.provider, head.api, model),
        model=model,
        usage=_with_changes(recorded_usage(document.measured), document, target),
    )


def _with_changes(usage: Usage, document: EventDocument, target: Target) -> Usage:
    """The recorded tokens, and those that a variant adds or takes away: a quarter a byte."""
    body = None if target.variant is None else recorded_body(document.question)
    if target.variant is None or body is None or usage.input_tokens is None:
        return usage
    head = document.head
    try:
        changed = target.variant.edit_for(head).apply(head.api, body)
    except ReplayError:  # its call fails, and says so
        return usage
    longer = (len(json_bytes(changed)) - len(json_bytes(body))) // _BYTES_OF_TOKEN
    return replace(usage, input_tokens=max(usage.input_tokens + longer, 0))


class Estimates:
    """Adds up what targets are going to be asked; nothing is sent, and no key is needed.

    Args:
        overrides: What a person changed in every request.
        endpoints: Knows hosts.
        allow: What `--llm-allow` lets through.
        samples: How often each event is sent.
    """

    def __init__(
        self,
        overrides: Overrides,
        endpoints: Endpoints,
        *,
        allow: Collection[str] = (),
        samples: int = 1,
    ) -> None:
        self._overrides, self._endpoints = overrides, endpoints
        self._allow, self._samples = allow, samples
        self._by_target: dict[str, Estimate] = {}

    @property
    def all(self) -> Sequence[Estimate]:
        """One for each target."""
        return tuple(self._by_target.values())

    def add(self, target: Target, document: EventDocument) -> None:
        """Take one more event in; the recording itself is not asked."""
        if target.kind == "recorded":
            return
        estimate = self._by_target.setdefault(target.name, Estimate(target=target.name))
        try:
            reason = not_replayed(document.question, allow=self._allow)
            if reason is None:
                self._send(estimate, target, document)
        except CassetteError:
            reason = "cannot be read"
        if reason is not None:
            estimate.left_out[reason] += 1

    def _send(self, estimate: Estimate, target: Target, document: EventDocument) -> None:
        question = _counted(document, question_of(document, target, self._overrides))
        usage, times = question.usage, self._samples
        local = target.price is None and self._is_local(target, question, document)
        cost = None if local else question.cost(target)
        estimate.calls += times
        estimate.input_tokens += times * (usage.input_tokens or 0)
        estimate.output_tokens += times * (usage.output_tokens or 0)
        if question.counted != "usage":
            estimate.guessed[question.counted] += times
        if cost is not None:
            estimate.cost += times * cost
            estimate.priced += times
        elif local:
            estimate.local += times
        else:
            estimate.unpriced[f"{question.provider}/{question.model}"] += times

    def _is_local(self, target: Target, question: Question, document: EventDocument) -> bool:
        """Whether a call stays on this machine; where a key is missing, it would not."""
        if target.kind == "simulated":
            return True
        provider = document.head.provider
        try:
            return self._endpoints.of(target, provider=provider, api=question.api).loopback
        except LlmReplayError:
            return False


def _counted(document: EventDocument, question: Question) -> Question:
    """With tokens of our own count where no usage was recorded."""
    usage = question.usage
    if usage.input_tokens is not None and usage.output_tokens is not None:
        return question
    read, by = tokens_of_request(document.question.request, question.model)
    wrote, also_by = tokens_of_response(document.event.response, question.model)
    return replace(
        question,
        usage=Usage(
            input_tokens=read if usage.input_tokens is None else usage.input_tokens,
            output_tokens=wrote if usage.output_tokens is None else usage.output_tokens,
        ),
        counted="estimate" if "estimate" in {by, also_by} else "tiktoken",
    )
