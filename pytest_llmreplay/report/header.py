"""What a live replay says before its first call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pytest_llmreplay.compare.figures.numbers import many, money
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.report.text.layout import columns, fit_tail, left, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["PlanView", "TargetPlan", "age", "header_lines"]

_TO = " \u2026 "
_NAME = 40
_FREE = (
    "earlier turns of their sessions as the target answers them",
    "tools that it calls beyond the recording take further calls",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlan:
    """What is about to be sent to one target, or asked of a judge."""

    host: str
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A live replay before its first call."""

    targets: tuple[TargetPlan, ...]
    first: str
    """Day of the oldest recording: `2026-03-02`, or nothing where it is unknown."""
    last: str
    today: date
    changed: bool = False
    """Whether variants change the requests."""
    reconstructed: int = 0
    """Events that were put together from what a log tells."""
    free: bool = False
    """Whether what the target says stands in the later requests of its session."""
    takes_over: bool = False
    """Whether answers of an earlier run may make calls needless."""


def header_lines(plan: PlanView, width: int) -> list[str]:
    """What is about to be sent: target, host, calls, estimated cost, age of the requests."""
    changed = ", and as the variants change them" if plan.changed else ""
    lines = [f"requests as recorded{age(plan.first, plan.last, plan.today)}{changed}"]
    if plan.reconstructed:
        lines += wrapped(
            f"{many(plan.reconstructed, 'event')} reconstructed from logs: what those left out is "
            "not sent",
            width,
        )
    if plan.free:
        lines += [line for text in _FREE for line in wrapped(text, width)]
    return finished([*lines, *_target_lines(plan, width)])


def _target_lines(plan: PlanView, width: int) -> Iterator[str]:
    """Where the calls go, one row a target, and what all of them cost."""
    estimates = [
        replace(one.estimate, at_most=one.estimate.at_most or plan.takes_over)
        for one in plan.targets
    ]
    names = _column([one.target for one in estimates])
    hosts = _column([target.host for target in plan.targets])
    for name, host, planned in zip(names, hosts, estimates, strict=True):
        yield from wrapped(f"{name}  {host}  {_plan(planned)}", width, indent="  ")
    if plan.changed and len(estimates) > 1:
        yield from wrapped(_in_all(estimates), width, indent="  ")


def _plan(planned: Estimate) -> str:
    words = [_calls(planned)]
    if planned.priced:
        about = "up to about" if planned.at_most else "about"
        words.append(f"{about} {money(planned.cost)}")
    unpriced = planned.unpriced.total()
    if 0 < unpriced == planned.calls:
        words.append("cost unknown")
    elif unpriced:
        words.append(f"{unpriced:,} of them without a known price")
    if left_out := planned.left_out.total():
        words.append(f"{left_out:,} not replayed")
    if planned.is_judge and planned.confirming:
        words.append(f"up to {planned.confirming:,} more if a regression is to be confirmed")
    return ", ".join(words)


def _in_all(planned: Sequence[Estimate]) -> str:
    """Calls and cost of a whole matrix."""
    most = "up to " if any(one.at_most for one in planned) else ""
    calls = many(sum(one.calls for one in planned), "call")
    cost = f", {most}about {money(sum(one.cost for one in planned))}"
    return f"{most}{calls} in all{cost if any(one.priced for one in planned) else ''}"


def _calls(planned: Estimate) -> str:
    most = "up to " if planned.at_most else ""
    calls = f"{most}{many(planned.calls, 'call')}"
    if planned.calls != planned.events * planned.samples or planned.samples == 1:
        return calls
    return f"{calls} ({many(planned.events, 'event')} \u00d7 {planned.samples})"


def _column(texts: Sequence[str]) -> list[str]:
    shown = [fit_tail(safe_line(text), _NAME) for text in texts]
    return [left(text, max(map(columns, shown))) for text in shown]


def age(first: str, last: str, today: date) -> str:
    """` 2026-03-02 … 2026-11-19, 1 to 263 days ago`."""
    if not first:
        return ""
    newest, oldest = _days(last, today), _days(first, today)
    span = first if first == last else f"{first}{_TO}{last}"
    if newest is None or oldest is None:
        return f" {span}"
    ages = f"{newest} to {oldest}" if newest != oldest else f"{oldest}"
    days = "day" if oldest == 1 else "days"
    return f" {span}, {'today' if not oldest else f'{ages} {days} ago'}"


def _days(day: str, today: date) -> int | None:
    try:
        return max((today - date.fromisoformat(day)).days, 0)
    except ValueError:
        return None
