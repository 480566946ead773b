"""One call of a stored run: both answers whole, and what they took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pytest_llmreplay.compare.answers.content import calls_of, media_of, refused, texts_of
from pytest_llmreplay.compare.checks.tool_calls import call_lines
from pytest_llmreplay.compare.figures.call_figures import figures_of
from pytest_llmreplay.compare.figures.numbers import DASH, money, seconds, tokens
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.event import Event, Response
from pytest_llmreplay.report.text.layout import fit_tail, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe, safe_line

from .place import labelled

__all__ = ["StoredView", "said_in", "stored_lines"]

_ARROW = "\u2192"
_FIGURES: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("input", "input_tokens", tokens),
    ("output", "output_tokens", tokens),
    ("cost", "cost", money),
    ("latency", "duration", seconds),
    ("ttft", "time_to_first_chunk", seconds),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredView:
    """What a run file and the cassette tell of a call."""

    node_id: str
    target: str
    sample: int
    """Counted from 0."""
    baseline: Event | None
    """None where the cassette has no such event any more."""
    kind: str
    """Which answer that is: `recorded` or `accepted`."""
    replayed: Event | None
    problem: str | None = None
    """Why either is missing."""
    taken_from: str | None = None
    """The earlier run that asked for the answer."""
    scores: Mapping[str, Score] | None = None
    """What a judge gave the `baseline` and the `replayed` answer, and why."""


def stored_lines(view: StoredView, width: int) -> list[str]:
    """A stored call: where its event stands, both answers, their figures."""
    room = width - len(GUTTER)
    name = view.node_id if view.sample == 0 else f"{view.node_id}, sample {view.sample + 1}"
    blocks = [
        [
            *_side(view.kind, _model(view.baseline), view.baseline, room),
            *_judged(view, "baseline", room),
        ],
        [
            *_side("replayed", _replayed_by(view), view.replayed, room),
            *_judged(view, "replayed", room),
        ],
        list(_figures(view, room)),
        labelled("problem", " ".join(view.problem.split()), room) if view.problem else [],
    ]
    lines = [fit_tail(safe_line(name), width)]
    for block in filter(None, blocks):
        lines += [*[GUTTER.rstrip()] * (len(lines) > 1), *guttered(block)]
    return finished(lines)


def _side(label: str, who: str, event: Event | None, width: int) -> list[str]:
    if event is None:
        return []
    return [*labelled(label, who, width), *_answer(event.response, width)]


def _judged(view: StoredView, side: str, width: int) -> Iterator[str]:
    """The score, who gave it, and why."""
    score = (view.scores or {}).get(side)
    if score is not None:
        value = DASH if score.value is None else f"{score.value:.2f}"
        why = score.explanation or score.problem
        yield from labelled(
            "judged", f"{value} by {score.target}{f': {why}' if why else ''}", width
        )


def said_in(response: Response) -> list[str]:
    """All words, then what is asked of tools; nothing is left out."""
    lines = [*texts_of(response), *call_lines(calls_of(response)), *media_of(response)]
    if refusal := refused(response):
        lines.append(f"refusal: {refusal}")
    return [text for text in lines if text]


def _answer(response: Response, width: int) -> Iterator[str]:
    lines = [line for text in said_in(response) for line in safe(text).split("\n")]
    for line in lines or ["(nothing)"]:
        yield from wrapped(line, width)
    endings = [one.finish_raw or one.finish_reason or "" for one in response.choices]
    if any(endings):
        yield from labelled("ended with", ", ".join(filter(None, endings)), width)


def _model(event: Event | None) -> str:
    if event is None:
        return ""
    model = event.response.model or event.measured.model or event.model
    return ", ".join(filter(None, (model, (event.measured.at or "")[:10])))


def _replayed_by(view: StoredView) -> str:
    taken = f", taken over from {view.taken_from}" if view.taken_from else ""
    return f"{view.target}, answered by {_model(view.replayed)}{taken}"


def _figures(view: StoredView, width: int) -> Iterator[str]:
    then = None if view.baseline is None else figures_of(view.baseline)
    now = None if view.replayed is None else figures_of(view.replayed)
    for label, name, show in _FIGURES:
        sides = [None if one is None else one.of(name) for one in (then, now)]
        if any(side is not None for side in sides):
            both = (DASH if side is None else show(side) for side in sides)
            yield from labelled(label, f" {_ARROW} ".join(both), width)
