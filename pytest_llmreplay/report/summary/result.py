"""One result, as the summary and the reports take it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.figures.call_figures import (
    NO_FIGURES,
    Figures,
    figures_of,
    figures_of_recorded,
)
from pytest_llmreplay.compare.outcome import Comparison, Outcome
from pytest_llmreplay.replay.calls.retry import THROTTLED

__all__ = ["EventResult", "compared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """What came of one event against one target, or of one of its samples."""

    node_id: str
    target: str
    outcome: Outcome
    fails: bool = True
    """Whether a divergence or a missing answer fails it."""
    comparison: Comparison | None = None
    reason: str | None = None
    """Why there is nothing to compare, in words that are the same for events alike."""
    model: str | None = None
    """The model that answered."""
    recorded: Figures = NO_FIGURES
    replayed: Figures = NO_FIGURES
    answered: bool = False
    """Whether an answer came, so that its figures should be known."""
    live: bool = False
    """Whether the call was sent to a server."""
    retries: int = 0
    """Earlier attempts of the call."""
    throttled: int = 0
    """How many of them were asked to wait (429, 529)."""
    session: str | None = None
    """What tells its session from others."""
    recorded_at: str | None = None
    """ISO 8601."""
    lost: tuple[str, ...] = ()
    """Codes of what the conversion of the request lost, as far as it is told."""
    taken_from: str | None = None
    """The earlier run that asked for the answer; this one did not pay for it."""
    own_price: bool = False
    """Whether a person wrote down what the call costs."""
    free: bool = False
    """Whether nobody is paid for the call, so that no price is missing."""
    samples: int = 1
    """How many answers the event was judged by."""
    held: int | None = None
    """How many of them hold, where there were several."""
    paid_beside: float = 0.0
    """USD of its other calls: further samples, and those that a session took behind it."""

    @property
    def paid(self) -> float | None:
        """USD that the call cost in this run; none where it was not sent, or nobody knows."""
        return self.replayed.cost if self.live else None

    @property
    def paid_in_all(self) -> float | None:
        """USD that all calls of the event cost in this run, as far as it is known."""
        return self.paid if not self.paid_beside else (self.paid or 0.0) + self.paid_beside


def compared(
    pair: Pair,
    comparison: Comparison,
    *,
    node_id: str,
    target: str,
    session: str | None = None,
    lost: tuple[str, ...] = (),
    taken_from: str | None = None,
    own_price: bool = False,
    free: bool = False,
) -> EventResult:
    """The result of an event that was answered.

    Args:
        pair: Both calls.
        comparison: What was found about them.
        node_id: Of the event.
        target: Who answered.
        session: As `EventResult` has it, and so those that follow.
        lost: Codes of what the conversion lost.
        taken_from: The run that has asked.
        own_price: Whether a person wrote the price down.
        free: Whether nobody is paid.
    """
    sent = pair.live and taken_from is None
    attempts = pair.replayed.measured.attempts if sent else ()
    clocked = pair.live and pair.unmeasured is None
    # A list of prices is 0.2 s to load; what was not sent costs nothing, and what nothing is
    # compared with needs none.
    now = figures_of(pair.replayed, clocked=clocked, priced=pair.live, judge=pair.score("replayed"))
    priced, judge = now.cost is not None, pair.score("baseline")
    then = figures_of_recorded(pair.baseline, priced=priced, judge=judge)
    return EventResult(
        node_id=node_id,
        target=target,
        outcome=comparison.outcome,
        fails=comparison.fails,
        comparison=comparison,
        model=pair.replayed.response.model or pair.replayed.measured.model,
        recorded=then,
        replayed=now,
        answered=comparison.error is None,
        live=sent,
        retries=len(attempts),
        throttled=sum(attempt.status in THROTTLED for attempt in attempts),
        session=session,
        recorded_at=pair.baseline.measured.at,
        lost=lost,
        taken_from=taken_from,
        own_price=own_price,
        free=free,
    )
