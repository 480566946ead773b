"""Checks over a session or the run: `session:cost<=$0.10`, `run:latency.p95<=1.2x`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from pytest_llmreplay.compare.check import Asked, Finding, Pair
from pytest_llmreplay.compare.checks.budgeted import FIGURES, budget_of
from pytest_llmreplay.compare.figures.call_figures import EventFigures
from pytest_llmreplay.compare.figures.measured import CLOCKED
from pytest_llmreplay.compare.statistics.rules import RULES, GateRules
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec, moved

__all__ = [
    "SCOPED",
    "RunCheck",
    "Scope",
    "ScopedCheck",
    "SessionCheck",
    "asked_for",
    "is_scoped",
    "read_scoped",
    "scope",
]


class SessionCheck(Asked, Protocol):
    """A rule over the calls of one session."""

    def judge(self, pairs: Sequence[Pair]) -> Finding:
        """Compare the answered calls of a session, in their order; never raises."""
        ...


class RunCheck(Asked, Protocol):
    """A rule over all events of a run against one target."""

    def judge(self, figures: Sequence[EventFigures], rules: GateRules = RULES) -> Finding:
        """Compare, at the level of the rules where there is noise to tell from; never raises."""
        ...


ScopedCheck: TypeAlias = SessionCheck | RunCheck
Scope: TypeAlias = Literal["session", "run"]

_SESSION_FIGURES = tuple(name for name in FIGURES if name != "ttft")

SCOPED = (
    "session:trajectory",
    "session:cost<=...",
    "run:cost<=...",
    "run:latency.p95<=...",
    "run:judge>=...",
)
"""Examples of what can be asked for, as a list for messages."""


def scope(check: ScopedCheck) -> Scope:
    """Whether a check is over a session or over the run."""
    return "session" if check.spec.startswith("session:") else "run"


def asked_for(checks: Iterable[Sequence[ScopedCheck]], over: Scope) -> Sequence[ScopedCheck]:
    """The checks over one scope that any event asks for, each once; gated ones win.

    Args:
        checks: Of each event.
        over: The scope.
    """
    found: dict[str, ScopedCheck] = {}
    for check in (one for of_event in checks for one in of_event if scope(one) == over):
        if check.spec not in found or (check.gated and not found[check.spec].gated):
            found[check.spec] = check
    return tuple(found.values())


def is_scoped(name: str) -> bool:
    """Whether a check, without `warn:`, is over a session or the run."""
    return name.startswith(tuple(_READERS))


def read_scoped(name: str, *, gated: bool) -> ScopedCheck:
    """Read a check without `warn:`.

    Raises:
        BadSpec: It is none.
    """
    beginning = f"{name.partition(':')[0]}:"
    with moved(len(beginning)):
        return _READERS[beginning](name.removeprefix(beginning), spec=name, gated=gated)


def _session(rest: str, **asked: Any) -> SessionCheck:
    from pytest_llmreplay.compare.checks.session_total import SessionTotal  # noqa: PLC0415 - few runs judge by these
    from pytest_llmreplay.compare.checks.trajectory import Trajectory  # noqa: PLC0415 - as above

    if rest.startswith("trajectory"):
        with moved(len("trajectory")):
            return Trajectory.read(rest.removeprefix("trajectory"), **asked)
    figure = _figure(rest, ("trajectory", *_SESSION_FIGURES))
    return SessionTotal(figure=figure, budget=budget_of(figure, rest), **asked)


def _run(rest: str, **asked: Any) -> RunCheck:
    from pytest_llmreplay.compare.checks.run_percentile import RunPercentile  # noqa: PLC0415 - as above, and statistics
    from pytest_llmreplay.compare.checks.run_score import RunScore  # noqa: PLC0415 - as above
    from pytest_llmreplay.compare.checks.run_total import RunTotal  # noqa: PLC0415 - as above

    figure = _figure(rest, (*FIGURES, "judge"))
    if figure in CLOCKED:
        with moved(len(figure)):
            return RunPercentile.read(figure, rest.removeprefix(figure), **asked)
    if figure == "judge":
        with moved(len(figure)):
            return RunScore.read(rest.removeprefix(figure), **asked)
    return RunTotal(figure=figure, budget=budget_of(figure, rest), **asked)


def _figure(rest: str, known: Sequence[str]) -> str:
    """The longest of the known words that a check begins with."""
    found = [word for word in known if rest.startswith(word)]
    if not found:
        raise BadSpec(f"one of {', '.join(known)} follows here")
    return max(found, key=len)


_READERS: dict[str, Callable[..., ScopedCheck]] = {"session:": _session, "run:": _run}
