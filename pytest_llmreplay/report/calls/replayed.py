"""One call that was sent again from a program: in a line, and whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.answers.content import texts_of, tokens_of
from pytest_llmreplay.compare.figures.call_figures import figures_of
from pytest_llmreplay.compare.figures.numbers import MINUS, many, money
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.event import Event
from pytest_llmreplay.report.text.diff import differences
from pytest_llmreplay.report.text.layout import wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe_line

from .place import labelled, listed
from .stored import StoredView, stored_lines

__all__ = ["ReplayedView", "replayed_lines", "replayed_summary"]

_ARROW = "\u2192"
_SAME, _OTHER = "\u2261 identical", "\u0394 different"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedView:
    """The replay of one call, as it is printed."""

    id: str
    new_id: str | None
    target: str
    original: Event
    replayed: Event | None
    live: bool
    """Whether the answer came from a server."""
    comparison: Comparison
    problem: str | None
    """Why there is no answer."""
    text_identical: bool
    tool_calls_identical: bool
    losses: Sequence[str] = ()


def replayed_summary(view: ReplayedView) -> str:
    """A replayed call in one line: what is the same, what differs, by how much."""
    texts = (
        _same_or_other(view)
        if view.problem is None
        else [f"error: {' '.join(view.problem.split())}"]
    )
    new = view.new_id or view.target
    return safe_line(f"replay {view.id} {_ARROW} {new}: {', '.join(texts)}")


def replayed_lines(view: ReplayedView, width: int) -> list[str]:
    """The summary, both answers, figures, and what differs."""
    room = width - len(GUTTER)
    stored = StoredView(
        node_id=view.id,
        target=view.target,
        sample=0,
        baseline=view.original,
        kind="recorded",
        replayed=view.replayed,
        problem=view.problem,
    )
    found = [*_findings(view, room), *_differences(view, room)]
    apart = [GUTTER.rstrip()] if found else []
    head = wrapped(replayed_summary(view), width)
    return finished([*head, *stored_lines(stored, width)[1:], *apart, *guttered(found)])


def _same_or_other(view: ReplayedView) -> list[str]:
    text = _SAME if view.text_identical else _OTHER
    calls = _SAME if view.tool_calls_identical else _OTHER
    return [f"text {text}", f"tool calls {calls}", *_moved(view)]


def _moved(view: ReplayedView) -> Iterator[str]:
    """Figures that both sides have."""
    if view.replayed is None:
        return
    then, now = (tokens_of(event, "tokens") for event in (view.original, view.replayed))
    if then is not None and now is not None:
        yield f"tokens {_signed(now - then, '{:,}'.format)}"
    if not view.live:
        return
    before, after = figures_of(view.original), figures_of(view.replayed)
    if before.duration is not None and after.duration is not None:
        moved = round(1000 * after.duration) - round(1000 * before.duration)
        yield f"latency {_signed(moved, '{:,} ms'.format)}"
    if before.cost is not None and after.cost is not None:
        yield f"cost {_signed(after.cost - before.cost, money)}"


def _signed(value: float, show: Callable[[float], str]) -> str:
    return f"{MINUS if value < 0 else '+'}{show(abs(value))}"


def _findings(view: ReplayedView, width: int) -> Iterator[str]:
    comparison = view.comparison
    if view.problem is None:
        yield from labelled("outcome", comparison.outcome.replace("_", " "), width)
    for finding in comparison.diverged:
        yield from labelled("diverged", f"{finding.check}: {finding.headline}", width)
    yield from listed("lost", view.losses, width)


def _differences(view: ReplayedView, width: int) -> Iterator[str]:
    """Where the words differ, with marks below what is other."""
    if view.replayed is None or view.text_identical:
        return
    then, now = (
        "\n".join(texts_of(event.response)).split("\n") for event in (view.original, view.replayed)
    )
    found = differences(then, now, width)
    for place in found.places:
        yield ""
        yield from (*place.recorded, *place.replayed)
    if found.more:
        yield f"and {many(found.more, 'more place')}"
