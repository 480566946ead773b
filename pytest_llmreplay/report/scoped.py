"""What is said about checks over a session or over the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.check import Diverged
from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.report.calls.place import labelled
from pytest_llmreplay.report.text.diff import differences
from pytest_llmreplay.report.text.layout import fit, fit_tail, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe_line

__all__ = ["ScopeView", "partial_lines", "scope_lines", "scope_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeView:
    """A session or a run that was judged."""

    comparison: Comparison
    target: str
    cassette: str | None
    """Path as people type it; none for the run."""
    place: str
    """`the run`, or the session in words."""
    events: int


def scope_text(view: ScopeView, width: int) -> str:
    """The failure: the check that weighs most, the place, what differs, what else was found."""
    room = width - len(GUTTER)
    diverged = view.comparison.diverged
    blocks = [
        _standing(view, room),
        *(_difference(one, room, first=one is diverged[0]) for one in diverged),
        list(_others(view.comparison, room)),
        labelled("let go", f"warn:{_worst(view.comparison)[0]}", room),
    ]
    lines = [fit(safe_line(": ".join(_worst(view.comparison))), width)]
    for block in filter(None, blocks):
        lines += ["" if len(lines) == 1 else GUTTER.rstrip(), *guttered(block)]
    return "\n".join(finished(lines))


def scope_lines(views: Sequence[ScopeView], width: int) -> list[str]:
    """What did not hold, or could not be told, and made nothing fail."""
    lines: list[str] = []
    for view in views:
        rows = list(_let_through(view, width - 2))
        if rows:
            place = ", ".join(filter(None, (view.place, view.cassette, view.target)))
            lines += [*wrapped(safe_line(f"checks over {place}"), width, indent="  ")]
            lines += [f"  {row}" for row in rows]
    return finished(lines)


def partial_lines(sessions: int, checks: Sequence[str], width: int) -> list[str]:
    """Why sessions were not judged: only a part of each was selected."""
    many = "1 session was" if sessions == 1 else f"{sessions:,} sessions were"
    named = ", ".join(map(safe_line, checks))
    line = f"{many} selected in part, and not judged by {named}"
    return finished(wrapped(line, width, indent="  "))


def _worst(comparison: Comparison) -> tuple[str, str]:
    """The check that decided, and what it says."""
    if comparison.diverged:
        worst = comparison.diverged[0]
        return worst.check, worst.headline
    blind = next(one.finding for one in comparison.judged if one.is_blind)
    return blind.check, f"not measured, {getattr(blind, 'reason', '')}"


def _standing(view: ScopeView, width: int) -> list[str]:
    lines = [] if view.cassette is None else [fit_tail(safe_line(view.cassette), width)]
    lines += wrapped(f"{safe_line(view.place)}, {many(view.events, 'event')}", width)
    return [*lines, *labelled("target", view.target, width)]


def _difference(finding: Diverged, width: int, *, first: bool) -> list[str]:
    head = [] if first else labelled("also", f"{finding.check}: {finding.headline}", width)
    for place in differences(finding.recorded, finding.replayed, width).places:
        head += [*(["recorded"] * bool(place.recorded)), *place.recorded]
        head += [*(["replayed"] * bool(place.replayed)), *place.replayed]
    return [*head, *(wrapped(safe_line(finding.note), width) if finding.note else [])]


def _others(comparison: Comparison, width: int) -> Iterator[str]:
    for held in comparison.held:
        yield from labelled("held", ": ".join(filter(None, (held.check, held.detail))), width)
    yield from _quiet(comparison, width)


def _let_through(view: ScopeView, width: int) -> Iterator[str]:
    comparison = view.comparison
    if not comparison.fails:
        for one in comparison.diverged:
            yield from labelled("let go", f"{one.check}: {one.headline}", width)
        yield from _quiet(comparison, width)


def _quiet(comparison: Comparison, width: int) -> Iterator[str]:
    for one in comparison.reported:
        yield from labelled("warned", f"{one.check}: {one.headline}", width)
    for blind in comparison.not_measured:
        yield from labelled("unmeasured", f"{blind.check}: {blind.reason}", width)
