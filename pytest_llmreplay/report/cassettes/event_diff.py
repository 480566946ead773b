"""What differs between two recordings of the same step: what was asked, what was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.call_figures import Figures
from pytest_llmreplay.compare.figures.numbers import many, money, seconds, tokens
from pytest_llmreplay.report.calls.place import labelled
from pytest_llmreplay.report.text.diff import differences
from pytest_llmreplay.report.text.layout import fit_tail, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe_line

__all__ = ["Change", "DiffView", "EventDiff", "diff_lines"]

_ARROW = "\u2192"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A place that differs."""

    place: str
    """`body.messages[1].content`, `answer`."""
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDiff:
    """An event of both recordings that is not the same in them."""

    before: str
    """Its label in the first one."""
    after: str
    """Its label in the second one."""
    request: tuple[Change, ...]
    answer: tuple[Change, ...]
    figures: tuple[Figures, Figures]

    @property
    def words(self) -> str:
        """Which sides differ: `request`, `answer`, or both."""
        parts = ["request"] * bool(self.request) + ["answer"] * bool(self.answer)
        return " and ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffView:
    """Two recordings, held against each other."""

    before: str
    after: str
    same: int
    """Events that ask and answer the same."""
    changed: Sequence[EventDiff]
    gone: Sequence[str]
    new: Sequence[str]


def diff_lines(view: DiffView, width: int) -> list[str]:
    """The counts, events that are gone and new, then each that changed."""
    lines = wrapped(safe_line(f"{view.before} {_ARROW} {view.after}"), width, indent="  ")
    lines += [_counts(view)]
    lines += [fit_tail(safe_line(f"- {name}"), width) for name in view.gone]
    lines += [fit_tail(safe_line(f"+ {name}"), width) for name in view.new]
    first_numbers: dict[tuple[Change, ...], str] = {}
    for one in view.changed:
        lines += ["", *_event(one, first_numbers.get(one.request), width)]
        first_numbers.setdefault(one.request, one.after)
    return finished(lines)


def _counts(view: DiffView) -> str:
    counts = {"changed": len(view.changed), "gone": len(view.gone), "new": len(view.new)}
    counted = [f"{count:,} {name}" for name, count in counts.items() if count]
    return ", ".join([f"{view.same:,} the same", *counted])


def _event(one: EventDiff, alike: str | None, width: int) -> Iterator[str]:
    """An event; of a request that changed as an earlier one did, only that."""
    room = width - len(GUTTER)
    name = one.after if one.before == one.after else f"{one.before} {_ARROW} {one.after}"
    yield fit_tail(safe_line(f"{name}: {one.words}"), width)
    repeated = alike is not None and bool(one.request)
    body = [fit_tail(safe_line(f"request as in {alike}"), room)] if repeated else []
    for change in (*(() if repeated else one.request), *one.answer):
        body += [*[""] * bool(body), *_change(change, room)]
    figures = [*_figures(one.figures, room)]
    yield from guttered([*body, *[""] * bool(figures), *figures])


def _change(change: Change, width: int) -> Iterator[str]:
    yield fit_tail(safe_line(change.place), width)
    found = differences(change.before, change.after, width)
    for place in found.places:
        yield from (*place.recorded, *place.replayed)
    if found.more:
        yield f"and {many(found.more, 'more place')} in it"


def _figures(both: tuple[Figures, Figures], width: int) -> Iterator[str]:
    """Figures that moved."""
    shown: tuple[tuple[str, str, Callable[[float], str]], ...] = (
        ("input", "input_tokens", tokens),
        ("output", "output_tokens", tokens),
        ("cost", "cost", money),
        ("latency", "duration", seconds),
    )
    for label, name, show in shown:
        then, now = (one.of(name) for one in both)
        if then is not None and now is not None and show(then) != show(now):
            yield from labelled(label, f"{show(then)} {_ARROW} {show(now)}", width)
