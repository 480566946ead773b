"""What a whole replay says: before its first call, and at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pytest_llmreplay.compare.figures import many, money, seconds
from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.replay.money.ledger import Sums

from .causes import CONTRACT, WORDING, cause_lines
from .force import CheckSource, Lenient, check_lines
from .judged import JudgeView, judge_lines
from .layout import apart, columns, fit_tail, joined, left, wrapped
from .limit import limit_lines
from .place import command_lines
from .sanitise import finished, safe_line
from .table import Row, blocks, figure_rows, outcome_rows
from .tally import Tally

__all__ = ["CheckSource", "PlanView", "RunView", "TargetPlan", "header_lines", "summary_lines"]

_DOT, _TO = " \u00b7 ", " \u2026 "
_ANSWERED: tuple[Outcome, ...] = ("ok", "changed", "diverged", "not_measured")
"""Outcomes of events that have an answer."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A replay at its end."""

    tallies: tuple[Tally, ...]
    today: date
    checks: tuple[CheckSource, ...] = ()
    dropped: tuple[CheckSource, ...] = ()
    """What `--llm-check-only` left out."""
    lenient: Lenient | None = None
    """That some divergences do not fail, where somebody asked for that."""
    seconds: float | None = None
    prices: str | None = None
    """Name and version of the price list."""
    again: str | None = None
    """Command that repeats only what failed."""
    sums: Sums | None = None
    """Where the money is, where it is limited."""
    judges: tuple[JudgeView, ...] = ()


def header_lines(plan: PlanView, width: int) -> list[str]:
    """What is about to be sent: target, host, calls, estimated cost, age of the requests."""
    changed = ", and as the variants change them" if plan.changed else ""
    lines = [f"requests as recorded{_age(plan.first, plan.last, plan.today)}{changed}"]
    if plan.reconstructed:
        lines += wrapped(
            f"{many(plan.reconstructed, 'event')} reconstructed from logs: what those left out is "
            "not sent",
            width,
        )
    if plan.free:
        lines += [line for text in _FREE for line in wrapped(text, width)]
    estimates = [
        replace(one.estimate, at_most=one.estimate.at_most or plan.takes_over)
        for one in plan.targets
    ]
    names = _column([one.target for one in estimates])
    hosts = _column([target.host for target in plan.targets])
    for name, host, planned in zip(names, hosts, estimates, strict=True):
        lines += wrapped(f"{name}  {host}  {_plan(planned)}", width, indent="  ")
    if plan.changed and len(estimates) > 1:
        lines += wrapped(_in_all(estimates), width, indent="  ")
    return finished(lines)


def summary_lines(run: RunView, width: int) -> list[str]:
    """Counts, figures, causes, checks and money of a run."""
    parts = [
        _scope(run, width),
        _table(run, width),
        cause_lines(run.tallies, width),
        _hint(run, width),
        check_lines(run.checks, run.dropped, width, lenient=run.lenient),
        [line for judge in run.judges for line in judge_lines(judge, width)],
        _spent(run, width),
    ]
    return finished(apart(parts))


def _plan(planned: Estimate) -> str:
    said = [_calls(planned)]
    if planned.priced:
        about = "up to about" if planned.at_most else "about"
        said.append(f"{about} {money(planned.cost)}")
    unpriced = planned.unpriced.total()
    if 0 < unpriced == planned.calls:
        said.append("cost unknown")
    elif unpriced:
        said.append(f"{unpriced:,} of them without a known price")
    if left_out := planned.left_out.total():
        said.append(f"{left_out:,} not replayed")
    if planned.is_judge and planned.confirming:
        said.append(f"up to {planned.confirming:,} more if a regression is to be confirmed")
    return ", ".join(said)


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


def _age(first: str, last: str, today: date) -> str:
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


def _scope(run: RunView, width: int) -> list[str]:
    events = max((tally.events for tally in run.tallies), default=0)
    sessions = len(set().union(*(tally.sessions for tally in run.tallies)))
    scope = many(events, "event") + (f", {many(sessions, 'session')}" if sessions else "")
    first = min((tally.first for tally in run.tallies if tally.first), default="")
    last = max((tally.last for tally in run.tallies), default="")
    age = _age(first, last, run.today)
    return wrapped(f"{scope}{_DOT}recorded{age}" if age else scope, width)


def _table(run: RunView, width: int) -> Iterator[str]:
    live = any(tally.measured for tally in run.tallies)
    figures = list(figure_rows(run.tallies)) if live else []
    rows = [*outcome_rows(run.tallies), *([Row(label=""), *figures] if figures else [])]
    yield from blocks([tally.target for tally in run.tallies], rows, width)


def _hint(run: RunView, width: int) -> Iterator[str]:
    """Most divergences of another model are other words; that is a question of the checks."""
    diverged = sum(tally.outcomes["diverged"] for tally in run.tallies)
    alone = sum(tally.wording_alone for tally in run.tallies)
    if 2 * alone > diverged and not any(check.spec == CONTRACT for check in run.checks):
        verb = "is" if diverged == 1 else "are"
        said = f"{alone:,} of {many(diverged, 'divergence')} {verb} wording alone:"
        yield from wrapped(f"{said} {WORDING}", width)


def _spent(run: RunView, width: int) -> Iterator[str]:
    calls = sum(tally.calls for tally in run.tallies)
    yield from _left_out(run.tallies, width)
    if calls or _limited(run):
        yield from joined(_bill(run, calls), _DOT, width)
        yield from limit_lines(run.sums, width)
        yield from _unknown(run, width)
    else:
        earlier = any(tally.taken_over for tally in run.tallies)
        whose = "those of an earlier run" if earlier else "the recorded ones"
        judged = any(tally.outcomes[outcome] for tally in run.tallies for outcome in _ANSWERED)
        yield f"nothing was sent: the answers are {whose}" if judged else "nothing was sent"
    yield from command_lines("again", run.again, width)


def _bill(run: RunView, calls: int) -> Iterator[str]:
    tallies = run.tallies
    by = f" at list price ({run.prices})" if run.prices else ""
    if run.sums is not None:
        yield f"spent {money(run.sums.charged)} of {money(run.sums.cap)}{by}"
    elif spent := sum(tally.spent for tally in tallies):
        yield f"spent {money(spent)}{by}"
    if calls:
        yield many(calls, "call")
    if retries := sum(t.retries for t in tallies):
        yield many(retries, "retry", "retries")
    if throttled := sum(t.throttled for t in tallies):
        yield f"{throttled:,} \u00d7 429"
    if run.seconds is not None:
        yield seconds(run.seconds)


def _limited(run: RunView) -> bool:
    """Whether the limit has anything to tell, though no call came to an end."""
    not_run = any(tally.outcomes["not_run"] for tally in run.tallies)
    return run.sums is not None and (run.sums.charged > 0 or not_run)


def _left_out(tallies: Sequence[Tally], width: int) -> Iterator[str]:
    """`not run 14: the money was spent`."""
    reasons: Counter[str] = Counter()
    for tally in tallies:
        reasons += tally.reasons.get("not_run", Counter())
    for reason, count in reasons.items():
        yield from wrapped(f"not run {count:,}: {safe_line(reason)}", width)


def _unknown(run: RunView, width: int) -> Iterator[str]:
    """Figures that are missing, or that nobody reported: no sum is taken for the whole."""
    tallies = run.tallies
    unpriced = sum(tally.unpriced for tally in tallies)
    blind = sum(tally.without_usage for tally in tallies)
    said = []
    if run.sums is not None and run.sums.unknown:
        said.append(f"{money(run.sums.unknown)} of it set aside for calls whose cost is not known")
        said += [f"{many(unpriced, 'call')} unpriced"] if unpriced else []
    elif unpriced:
        beside = ", not in the sum" if any(tally.spent for tally in tallies) else ""
        said.append(f"{many(unpriced, 'call')} unpriced{beside}")
    if blind:
        said.append(f"{many(blind, 'answer')} without usage")
    if counted := sum(tally.counted_locally for tally in tallies):
        said.append(f"tokens of {many(counted, 'answer')} counted locally")
    if said:
        yield from wrapped(_DOT.join(said), width)


def _column(texts: Sequence[str]) -> list[str]:
    shown = [fit_tail(safe_line(text), _NAME) for text in texts]
    return [left(text, max(map(columns, shown))) for text in shown]
