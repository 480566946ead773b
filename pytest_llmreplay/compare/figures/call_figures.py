"""What calls took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.compare.answers.content import tokens_of
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.event import Event

from .local_tokens import local_tokens
from .prices import cost

__all__ = [
    "NO_FIGURES",
    "EventFigures",
    "Figures",
    "comparable",
    "figures_of",
    "figures_of_both",
    "figures_of_recorded",
    "has_figures",
    "percentile",
]


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
    local_input_tokens: int | None = None
    local_output_tokens: int | None = None
    """Tokens as they are counted on this machine, of a pair of which one reports none."""

    @property
    def counted_locally(self) -> Figures:
        """These figures with the tokens that were counted on this machine."""
        read, wrote = self.local_input_tokens, self.local_output_tokens
        return replace(self, input_tokens=read, output_tokens=wrote)

    def of(self, figure: str) -> float | None:
        """A figure by the name that budgets have for it, such as `tokens` or `latency`."""
        if figure == "tokens":
            read, written = comparable(self.input_tokens), comparable(self.output_tokens)
            return None if read is None or written is None else read + written
        names = {"latency": "duration", "ttft": "time_to_first_chunk"}
        return comparable(getattr(self, names.get(figure, figure)))


NO_FIGURES = Figures()


def has_figures(samples: Sequence[Figures], *, judged: bool) -> bool:
    """Whether any samples can be compared with; of judged ones, those that have a score."""
    return any(one.judge is not None for one in samples) if judged else bool(samples)


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
    def counted_locally(self) -> EventFigures:
        """These figures with the tokens that were counted on this machine."""
        return replace(
            self,
            recorded=self.recorded.counted_locally,
            replayed=tuple(one.counted_locally for one in self.replayed),
            calibration=tuple(one.counted_locally for one in self.calibration),
        )

    @property
    def baseline(self) -> tuple[Figures, ...]:
        """What the samples are held against: the calibration, else the recording."""
        return self.calibration or (self.recorded,)


def figures_of_both(pair: Pair) -> tuple[Figures, Figures]:
    """What the recorded and the replayed call took, and what a judge gave them."""
    both = (pair.baseline, pair.replayed)
    local = any(tokens_of(event, "tokens") is None for event in both)
    clocked = pair.live and pair.unmeasured is None
    return (
        figures_of_recorded(pair.baseline, local=local, judge=pair.score("baseline")),
        figures_of(pair.replayed, clocked=clocked, local=local, judge=pair.score("replayed")),
    )


def figures_of_recorded(
    event: Event, *, priced: bool = True, local: bool = False, judge: float | None = None
) -> Figures:
    """What a recorded call took, as far as another one can be held against it.

    Of a stream that its reader left, what a stream tells at its end is unknown: the beginning of
    an answer is not to be compared with the whole of another one.
    """
    found = figures_of(event, priced=priced, local=local, judge=judge)
    if not event.response.truncated:
        return found
    return replace(found, output_tokens=None, local_output_tokens=None, cost=None, duration=None)


def figures_of(
    event: Event,
    *,
    clocked: bool = True,
    priced: bool = True,
    local: bool = False,
    judge: float | None = None,
) -> Figures:
    """What a call took.

    Args:
        event: The call.
        clocked: Whether its times count.
        priced: Whether its cost is asked for.
        local: Whether its tokens are counted on this machine, too.
        judge: What a judge gave the answer.
    """
    measured = event.measured
    return Figures(
        input_tokens=tokens_of(event, "input_tokens"),
        output_tokens=tokens_of(event, "output_tokens"),
        cost=cost(event) if priced else None,
        duration=measured.duration if clocked else None,
        time_to_first_chunk=measured.time_to_first_chunk if clocked else None,
        local_input_tokens=local_tokens(event, "input_tokens") if local else None,
        local_output_tokens=local_tokens(event, "output_tokens") if local else None,
        judge=judge,
    )


def comparable(figure: float | None) -> float | None:
    """A figure that can be compared; a cassette or a server may say what cannot."""
    try:
        number = math.nan if figure is None else float(figure)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]
