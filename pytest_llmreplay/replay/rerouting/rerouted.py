"""What a re-routed call asks, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pytest_llmreplay.event import Event, Response
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.providers.retelling.answer import untold
from pytest_llmreplay.replay.calls.decode import exchange_of, replayed_event
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.money.ledger import Reservation

__all__ = ["Question", "Rerouted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and of whom."""

    event: Event
    """The call as the client made it."""
    outgoing: Outgoing
    """The request that was made of it."""
    target: str
    """Name of the target."""
    patience: float | None = None
    """Seconds that the client waits for more of the answer."""
    reservation: Reservation | None = None
    """The money that is set aside for it."""


class Rerouted:
    """A call that is over.

    What it says is decoded when somebody asks, after the client has its answer.

    Args:
        question: What was asked.
        came: The answer, or why none came.
    """

    def __init__(self, question: Question, came: Reply | CallFailed) -> None:
        self._question = question
        self.came = came
        """The answer as it came, or why none did."""

    @property
    def outgoing(self) -> Outgoing:
        """The request that was made of the client's."""
        return self._question.outgoing

    @property
    def event(self) -> Event | None:
        """The call as the target had it; none where it gave no whole answer."""
        return self._event if isinstance(self._event, Event) else None

    @property
    def problem(self) -> CallFailed | None:
        """Why the target gave no answer, if it did not."""
        return None if isinstance(self._event, Event) else self._event

    @property
    def untold(self) -> tuple[str, ...]:
        """Codes of what the answer says and the format of the client cannot."""
        if self.event is None or not self.outgoing.converted:
            return ()
        return untold(self.event.response, self._question.event.api)

    def response(self) -> Response:
        """What the answer says, an error among it."""
        if self.event is not None:
            return self.event.response
        assert isinstance(self.came, Reply)  # who has no answer does not ask
        return decoder_of(self.outgoing.api).response(exchange_of(self.came))

    @cached_property
    def _event(self) -> Event | CallFailed:
        if isinstance(self.came, CallFailed):
            return self.came
        try:
            return replayed_event(self._question.event, self.came, target=self._question.target)
        except CallFailed as failure:
            return failure
