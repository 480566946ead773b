"""What calls took."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pytest_llmreplay.event import Event

from .answers import tokens_of
from .prices import cost

__all__ = ["NO_FIGURES", "EventFigures", "Figures", "figures_of", "finite"]


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
    judge: float | None = None
    """Score, 0 to 1."""

    def of(self, figure: str) -> float | None:
        """A figure by the name that budgets have for it, such as `tokens` or `latency`."""
        if figure == "tokens":
            read, written = finite(self.input_tokens), finite(self.output_tokens)
            return None if read is None or written is None else read + written
        names = {"latency": "duration", "ttft": "time_to_first_chunk"}
        return finite(getattr(self, names.get(figure, figure)))


NO_FIGURES = Figures()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFigures:
    """What an event took, and what a judge gave it, on both sides."""

    key: str
    """What tells the event from others of the run."""
    session: str | None = None
    recorded: Figures = NO_FIGURES
    """Of the recorded call, or of the accepted one."""
    replayed: tuple[Figures, ...] = ()
    """Of each sample; those of no clock have no times."""
    calibration: tuple[Figures, ...] = ()
    """Of each answer of the recorded model itself, where it was asked."""

    @property
    def baseline(self) -> tuple[Figures, ...]:
        """What the samples are held against: the calibration, else the recording."""
        return self.calibration or (self.recorded,)


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


def finite(figure: float | None) -> float | None:
    """A figure that can be compared; a cassette or a server may say what cannot."""
    try:
        number = math.nan if figure is None else float(figure)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
