"""Figures of both sides of a pair, or why there is none."""

from __future__ import annotations

from typing import NamedTuple

from pytest_llmreplay.compare.answers.content import tokens_of
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.event import Event

from .call_figures import comparable
from .local_tokens import local_tokens
from .prices import cost, unpriced

__all__ = ["CLOCKED", "Measurement", "Unmeasured", "measured"]

CLOCKED = {"latency": "duration", "ttft": "time to the first chunk"}
"""Figures that need a clock."""

_AT_THE_END = frozenset({"tokens", "output_tokens", "latency", "cost"})
"""Figures of which a stream that its reader left tells a part."""


class Unmeasured(ValueError):
    """There is no such figure; the words say why."""


class Measurement(NamedTuple):
    """A figure of a pair."""

    now: float
    """Of the replayed call."""
    then: float | None
    """Of the recorded one; none only where it is not needed."""
    local: bool = False
    """Whether tokens of both were counted on this machine."""


def measured(pair: Pair, figure: str, *, relative: bool) -> Measurement:
    """A figure of the recorded and of the replayed call.

    Args:
        pair: Both calls.
        figure: `tokens`, `latency`, `cost` and so on.
        relative: Whether the recorded figure is needed.

    Raises:
        Unmeasured: One that is needed is missing.
    """
    if figure in CLOCKED and not pair.live:
        raise Unmeasured("a played-back answer has no latency")
    if figure in CLOCKED and pair.unmeasured is not None:
        raise Unmeasured(pair.unmeasured)
    if relative and figure in _AT_THE_END and pair.then.left:
        raise Unmeasured("the recorded stream was left early")
    now, then = _figure(pair.replayed, figure), _figure(pair.baseline, figure)
    if now is not None and (then is not None or not relative):
        return Measurement(now, then)
    if figure == "cost":
        raise Unmeasured(unpriced(pair.replayed if now is None else pair.baseline))
    if figure in CLOCKED:
        raise Unmeasured(f"the {_lacking(now)} has no {CLOCKED[figure]}")
    return _counted(pair, figure, now, then, relative=relative)


def _figure(event: Event, figure: str) -> float | None:
    if figure == "cost":
        return comparable(cost(event))
    if figure == "latency":
        return comparable(event.measured.duration)
    if figure == "ttft":
        return comparable(event.measured.time_to_first_chunk)
    return comparable(tokens_of(event, figure))


def _counted(
    pair: Pair, figure: str, now: float | None, then: float | None, *, relative: bool
) -> Measurement:
    """Tokens of both by the tokenizer of this machine, as one of them reports none."""
    here, before = local_tokens(pair.replayed, figure), local_tokens(pair.baseline, figure)
    if here is not None and (before is not None or not relative):
        return Measurement(here, before, local=True)
    answer, recording = ("answer", pair.replayed), ("recording", pair.baseline)
    for (what, event), reported, count in ((answer, now, here), (recording, then, before)):
        if reported is None and count is None and (relative or what == "answer"):
            raise Unmeasured(f"the {what} reports {_usage(event)}")
    raise Unmeasured(
        f"the {_lacking(now)} reports no usage; a local count is not held against a reported one"
    )


def _lacking(now: float | None) -> str:
    return "answer" if now is None else "recording"


def _usage(event: Event) -> str:
    """What an answer whose tokens are unknown says of them."""
    counts = (event.usage.input_tokens, event.usage.output_tokens)
    for count, kind in zip(counts, ("input_tokens", "output_tokens"), strict=True):
        if count is not None and tokens_of(event, kind) is None:
            return f"a usage that cannot be: {count:,} tokens"
    return "no usage"
