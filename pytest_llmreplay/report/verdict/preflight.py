"""What is said of a verdict before its first call: what it can see, and what it would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.numbers import many, money
from pytest_llmreplay.compare.statistics.rules import FEWEST_SESSIONS
from pytest_llmreplay.report.text.layout import wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

from .noise_floor import FloorView, reasons

__all__ = ["MARGIN_TO_TRY", "PreflightView", "preflight_lines"]

MARGIN_TO_TRY = 0.10
"""A wider margin that is proposed."""

_TIMES = "\u00d7"
_UNSURE = "a target that does as the recorded model did may well not end as ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightView:
    """A verdict that is not paid for yet."""

    target: str
    events: int
    samples: int
    """Of each event, at most."""
    staged: bool = False
    """Whether fewer may decide."""
    margin: float
    decidable: bool = True
    """Whether it can be anything but `inconclusive`."""
    foregone: bool = False
    """Whether nothing is sent for it, since that is known."""
    in_reach: bool
    """Whether it can be `ok` at all."""
    passes: int
    """Answers that must all hold for an `ok`."""
    groups_for_ok: int = 0
    """Events, or sessions, that an `ok` takes, whatever the samples; 0 where there are enough."""
    by_sessions: bool = False
    """Whether it is about sessions."""
    unsure: bool = False
    """Whether a target that does as the recorded model did may well not be `ok`."""
    samples_for_ok: int | None
    """Samples per event, all of them asked for, with which it is."""
    samples_if_wider: int | None = None
    """The same at `MARGIN_TO_TRY`; none where that is no wider, or 100 are not enough."""
    smallest_drop: float | None
    """The drop that it sees at least 8 times in 10."""
    confirm: int = 0
    """Calls of the recorded model before a regression is told."""
    set_aside: int = 0
    """Events of which an answer of the target was accepted, which does not count here."""
    floor: FloorView


def preflight_lines(view: PreflightView, width: int) -> list[str]:
    """What a verdict can come to, before its first call."""
    lines = wrapped(f"verdict on {safe_line(view.target)}: {_size(view)}", width, indent="  ")
    sentences = (*_reach(view), *_floor(view.floor, view.events))
    for sentence in sentences if view.decidable else _nothing(view):
        lines += [f"  {line}" for line in wrapped(sentence, width - 2, indent="  ")]
    return finished(lines)


def _size(view: PreflightView) -> str:
    most = "up to " if view.staged else ""
    size = f"{many(view.events, 'event')} {_TIMES} {most}{many(view.samples, 'sample')}"
    sees = f", sees a drop of {_points(view.smallest_drop)}" if view.smallest_drop else ""
    age = f", noise floor of {view.floor.oldest}" if view.floor.oldest else ""
    return f"{size}, margin {_points(view.margin)}{sees}{age}"


def _nothing(view: PreflightView) -> Iterator[str]:
    yield (
        f"inconclusive, whatever is answered: it takes at least {FEWEST_SESSIONS} sessions to "
        f"say anything about others, and {view.groups_for_ok:,} for an ok at this margin"
    )
    if view.foregone:
        yield "so nothing is sent to it; --llm-gate each judges the events one by one"


def _reach(view: PreflightView) -> Iterator[str]:
    if view.confirm:
        yield f"before a regression is told: {view.confirm:,} more calls of the recorded model"
    if view.set_aside:
        yield (
            f"accepted answers of {many(view.set_aside, 'event')} do not count here: both sides "
            "are compared with the recording"
        )
    if view.groups_for_ok:
        groups = f"{view.groups_for_ok:,}"
        why = (
            f"about other sessions it takes {groups} of them"
            if view.by_sessions
            else f"answers are compared in pairs, where {groups} events are the fewest"
        )
        yield f"ok is out of reach: {why} at this margin, whatever the samples"
    elif not view.in_reach:
        have = view.events * view.samples
        fewest = -(-view.passes // max(view.events, 1))
        stages = " in stages" if view.staged else ""
        yield (
            f"ok is out of reach{stages}: {have:,} answers, and {view.passes:,} that all hold are "
            f"the fewest; use --llm-samples {view.samples_for_ok or fewest}{_wider(view)}"
        )
    elif view.samples_for_ok is None:
        yield f"{_UNSURE}; more events would do{_wider(view)}"
    elif view.unsure:
        yield f"{_UNSURE}; use --llm-samples {view.samples_for_ok}{_wider(view)}"


def _wider(view: PreflightView) -> str:
    """What a wider margin would do, if it does."""
    if view.samples_if_wider is None:
        return ""
    more = f" and --llm-samples {view.samples_if_wider}"
    return f" or --llm-margin {MARGIN_TO_TRY:.2f}{more * (view.samples_if_wider > view.samples)}"


def _floor(floor: FloorView, events: int) -> Iterator[str]:
    without = sum(count for _, count in floor.missing)
    if not without:
        return
    cost = f", about {money(floor.cost)}" if floor.cost is not None else ""
    kept = f", or measure the answers that are kept by {safe_line(floor.anew or '')}"
    yield (
        f"no noise floor for {without:,} of {many(events, 'event')} ({reasons(floor)}): "
        f"run --llm-calibrate ({many(floor.calls, 'call')}{cost})"
        f"{kept if floor.anew else ''}"
    )


def _points(share: float) -> str:
    return f"{100 * share:.3g} points"
