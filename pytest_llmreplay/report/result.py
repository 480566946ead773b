"""One result, as the summary and the reports take it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers import tokens_of
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.outcome import Comparison, Outcome
from pytest_llmreplay.compare.prices import cost
from pytest_llmreplay.event import Event

__all__ = ["EventResult", "Figures", "compared", "figures_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a call took; none is unknown, never zero."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    """USD."""
    duration: float | None = None
    """Seconds."""
    time_to_first_chunk: float | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """What came of one event against one target, or of one of its samples."""

    node_id: str
    target: str
    outcome: Outcome
    comparison: Comparison | None = None
    reason: str | None = None
    """Why there is nothing to compare, in words that are the same for events alike."""
    model: str | None = None
    """The model that answered."""
    recorded: Figures = Figures()
    replayed: Figures = Figures()
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
    samples: int = 1
    """How many answers the event was judged by."""
    held: int | None = None
    """How many of them hold, where there were several."""


def compared(
    pair: Pair,
    comparison: Comparison,
    *,
    node_id: str,
    target: str,
    session: str | None = None,
    lost: tuple[str, ...] = (),
) -> EventResult:
    """The result of an event that was answered."""
    attempts = pair.replayed.measured.attempts if pair.live else ()
    clocked = pair.live and pair.unmeasured is None
    # A list of prices is 0.2 s to load; what was not sent costs nothing, and what nothing is
    # compared with needs none.
    replayed = figures_of(pair.replayed, clocked=clocked, priced=pair.live)
    return EventResult(
        node_id=node_id,
        target=target,
        outcome=comparison.outcome,
        comparison=comparison,
        model=pair.replayed.response.model or pair.replayed.measured.model,
        recorded=figures_of(pair.baseline, priced=replayed.cost is not None),
        replayed=replayed,
        answered=comparison.error is None,
        live=pair.live,
        retries=len(attempts),
        throttled=sum(attempt.status in {429, 529} for attempt in attempts),
        session=session,
        recorded_at=pair.baseline.measured.at,
        lost=lost,
    )


def figures_of(event: Event, *, clocked: bool = True, priced: bool = True) -> Figures:
    """What a call took, without its times where no clock counts, or without its cost."""
    measured = event.measured
    return Figures(
        input_tokens=tokens_of(event, "input_tokens"),
        output_tokens=tokens_of(event, "output_tokens"),
        cost=cost(event) if priced else None,
        duration=measured.duration if clocked else None,
        time_to_first_chunk=measured.time_to_first_chunk if clocked else None,
    )
