"""What one call is going to be asked, and the tokens that decide about its price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.compare.answers.content import tokens_of
from pytest_llmreplay.compare.figures.prices import price
from pytest_llmreplay.compare.figures.tokens import (
    Source,
    recorded_usage,
    tokens_of_request,
    tokens_of_response,
)
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Event, Measured, Usage
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.requests.spoken import spoken_api
from pytest_llmreplay.replay.selecting.selector import Described
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

__all__ = ["Question", "Recorded", "counted_question", "question_of", "usage_of"]

_BYTES_OF_TOKEN = 4


class Recorded(Protocol):
    """A recorded call: the document of one in a cassette, or one at hand."""

    @property
    def head(self) -> Described:
        """Number, name, session and labels, which are read without the rest of the event."""
        ...

    @property
    def measured(self) -> Measured:
        """Tokens, seconds and cost of the recorded call."""
        ...

    @property
    def question(self) -> Event:
        """The call, with as much of its answer as tells an error."""
        ...

    @property
    def event(self) -> Event:
        """The whole call."""
        ...


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


def question_of(document: Recorded, target: Target, overrides: Overrides) -> Question:
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


def _with_changes(usage: Usage, document: Recorded, target: Target) -> Usage:
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


def counted_question(question: Question, document: Recorded, target: Target) -> Question:
    """A question, with tokens that we count where no usage was recorded.

    Raises:
        CassetteDamaged: The event cannot be read.
    """
    usage, counted = usage_of(document, question.model)
    return replace(question, usage=_with_changes(usage, document, target), counted=counted)


def usage_of(document: Recorded, model: str) -> tuple[Usage, Source]:
    """The tokens of a recorded call, and who counted them: we do where no usage was recorded.

    Args:
        document: The recording.
        model: Whose tokens they are to be.

    Raises:
        CassetteDamaged: The event cannot be read.
    """
    usage = recorded_usage(document.measured)
    if usage.input_tokens is None or usage.output_tokens is None:
        usage = _told_usage(document.event)
    if usage.input_tokens is not None and usage.output_tokens is not None:
        return usage, "usage"
    read, by = tokens_of_request(document.question.request, model)
    wrote, also_by = tokens_of_response(document.event.response, model)
    found = Usage(
        input_tokens=read if usage.input_tokens is None else usage.input_tokens,
        output_tokens=wrote if usage.output_tokens is None else usage.output_tokens,
    )
    return found, "estimate" if "estimate" in {by, also_by} else "tiktoken"


def _told_usage(event: Event) -> Usage:
    """What the answer itself tells, and `measured` where that is silent."""
    return Usage(
        input_tokens=tokens_of(event, "input_tokens"),
        output_tokens=tokens_of(event, "output_tokens"),
    )
