"""What a whole replay says at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_llmreplay.compare.figures.numbers import many, money, seconds
from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.replay.money.ledger import Sums
from pytest_llmreplay.report.calls.place import command_lines
from pytest_llmreplay.report.header import age
from pytest_llmreplay.report.text.layout import apart, joined, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

from .causes import CONTRACT, WORDING, cause_lines
from .force import CheckSource, Lenient, check_lines
from .judged import JudgeView, judge_lines
from .limit import limit_lines
from .table import Row, blocks, figure_rows, outcome_rows
from .tally import Tally

__all__ = ["RunView", "summary_lines"]

_DOT = " \u00b7 "
_ANSWERED: tuple[Outcome, ...] = ("ok", "changed", "diverged", "not_measured")
"""Outcomes of events that have an answer."""


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


def summary_lines(run: RunView, width: int) -> list[str]:
    """Counts, figures, causes, checks and money of a run."""
    found = [
        _scope(run, width),
        _table(run, width),
        cause_lines(run.tallies, width),
        _hint(run, width),
        check_lines(run.checks, run.dropped, width, lenient=run.lenient),
    ]
    paid = [
        [line for judge in run.judges for line in judge_lines(judge, width)],
        _spent(run, width),
    ]
    # A run that was stopped early enough has paid for answers, and judged none.
    judged = any(tally.events for tally in run.tallies)
    return finished(apart([*(found if judged else []), *paid]))


def _scope(run: RunView, width: int) -> list[str]:
    events = max((tally.events for tally in run.tallies), default=0)
    sessions = len(set().union(*(tally.sessions for tally in run.tallies)))
    scope = many(events, "event") + (f", {many(sessions, 'session')}" if sessions else "")
    first = min((tally.first for tally in run.tallies if tally.first), default="")
    last = max((tally.last for tally in run.tallies), default="")
    recorded = age(first, last, run.today)
    return wrapped(f"{scope}{_DOT}recorded{recorded}" if recorded else scope, width)


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
        line = f"{alone:,} of {many(diverged, 'divergence')} {verb} wording alone:"
        yield from wrapped(f"{line} {WORDING}", width)


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
    words = []
    if run.sums is not None and run.sums.unknown:
        words.append(f"{money(run.sums.unknown)} of it set aside for calls whose cost is not known")
        words += [f"{many(unpriced, 'call')} unpriced"] if unpriced else []
    elif unpriced:
        beside = ", not in the sum" if any(tally.spent for tally in tallies) else ""
        words.append(f"{many(unpriced, 'call')} unpriced{beside}")
    if blind:
        words.append(f"{many(blind, 'answer')} without usage")
    if counted := sum(tally.counted_locally for tally in tallies):
        words.append(f"tokens of {many(counted, 'answer')} counted locally")
    if words:
        yield from wrapped(_DOT.join(words), width)
