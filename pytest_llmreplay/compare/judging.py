"""Judges an event: what its checks find, and the one word for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from pytest_llmreplay.event import Response, ResponseError

from .check import Aspect, Check, Diverged, Held, Pair
from .ladder import FailOn, Severity, fails, worst
from .outcome import Comparison, Judged, Outcome

__all__ = ["accepting_helps", "compare", "concluded"]

_DIFFERS: dict[Aspect, attrgetter[object]] = {
    "text": attrgetter("texts"),
    "tool_calls": attrgetter("sorted_calls"),
    "media": attrgetter("media"),
}
"""What is compared of each aspect."""


def compare(pair: Pair, checks: Sequence[Check], *, fail_on: FailOn = "equivalent") -> Comparison:
    """Judge a replayed answer; one that is no answer is an error, whatever the checks say.

    Where the recording is no answer either, the same refusal is what is expected.

    Args:
        pair: Both calls.
        checks: What the answer is judged by.
        fail_on: From which rung of the ladder on a divergence fails the event.
    """
    problem = _problem(pair.replayed.response)
    try:
        if problem is not None and _ended_alike(pair.baseline.response, pair.replayed.response):
            return Comparison(outcome="ok")
        return _compared(pair, checks, fail_on) if problem is None else _error(problem, fail_on)
    except RecursionError:
        return _error("too deeply nested to be compared", fail_on)


def _error(problem: str, fail_on: FailOn) -> Comparison:
    failed = fails("error", fail_on)
    return Comparison(outcome="error", error=problem, fails=failed, severity="error")


def _compared(pair: Pair, checks: Sequence[Check], fail_on: FailOn) -> Comparison:
    judged = tuple(
        Judged(finding=check.judge(pair), gated=check.gated, asked=check.asked) for check in checks
    )
    unjudged = _unjudged(pair, checks)
    outcome = _outcome(judged, unjudged, live=pair.live)
    return Comparison(
        outcome=outcome,
        judged=judged,
        unjudged=unjudged if outcome == "changed" else (),
        fails=_fails(judged, outcome, fail_on, live=pair.live),
        severity=worst([_apart(pair), *_severities(judged)]),
    )


def accepting_helps(pair: Pair, checks: Sequence[Check]) -> bool:
    """Whether nothing diverges once the answer is the baseline; what breaks a fixed limit does."""
    return compare(pair.accepted, checks).outcome not in {"diverged", "error"}


def concluded(
    judged: tuple[Judged, ...], *, live: bool, fail_on: FailOn = "equivalent"
) -> Comparison:
    """What findings come to that are not about a single answer.

    Args:
        judged: What checks over a session or the run found.
        live: Whether the answers were measured on their way from a server.
        fail_on: From which rung of the ladder on a divergence fails.
    """
    outcome = _outcome(judged, (), live=live)
    return Comparison(
        outcome=outcome,
        judged=judged,
        fails=_fails(judged, outcome, fail_on, live=live),
        severity=worst(["identical", *_severities(judged)]),
    )


def _outcome(judged: Sequence[Judged], unjudged: Sequence[Aspect], *, live: bool) -> Outcome:
    gated = [j for j in judged if j.gated]
    if any(isinstance(j.finding, Diverged) for j in gated):
        return "diverged"
    blind = live and any(j.is_blind for j in judged)
    if blind or (gated and not any(isinstance(j.finding, Held) for j in gated)):
        return "not_measured"
    return "changed" if unjudged else "ok"


def _fails(judged: Sequence[Judged], outcome: Outcome, fail_on: FailOn, *, live: bool) -> bool:
    if outcome == "not_measured":
        return live and fail_on != "never" and any(j.is_blind for j in judged)
    return any(fails(severity, fail_on) for severity in _severities(j for j in judged if j.gated))


def _severities(judged: Iterable[Judged]) -> list[Severity]:
    return [j.finding.severity for j in judged if isinstance(j.finding, Diverged)]


def _problem(response: Response) -> str | None:
    if response.error is not None:
        return _words(response.error)
    return "the stream stopped before its protocol's end" if response.truncated else None


def _ended_alike(then: Response, now: Response) -> bool:
    """Whether a call failed as the recorded one did."""
    if then.error is None or now.error is None:
        return then.error is now.error and then.truncated and now.truncated
    return (then.error.status, then.error.type) == (now.error.status, now.error.type)


def _words(error: ResponseError) -> str:
    kind = " ".join(str(word) for word in (error.status, error.type) if word)
    return f"{kind}: {error.message}" if kind else error.message


def _unjudged(pair: Pair, checks: Sequence[Check]) -> tuple[Aspect, ...]:
    seen = {aspect for check in checks if check.gated for aspect in check.judges}
    return tuple(aspect for aspect in _DIFFERS if aspect not in seen and _differs(pair, aspect))


def _differs(pair: Pair, aspect: Aspect) -> bool:
    part = _DIFFERS[aspect]
    return pair.then is not pair.now and part(pair.then) != part(pair.heard)


def _apart(pair: Pair) -> Severity:
    """How far the answers are from each other, by what they say and ask for."""
    if _differs(pair, "tool_calls"):
        return "tool_calls"
    if _differs(pair, "media"):
        return "structure"
    if not _differs(pair, "text"):
        return "identical"
    return "equivalent" if pair.then.normalized == pair.heard.normalized else "wording"
