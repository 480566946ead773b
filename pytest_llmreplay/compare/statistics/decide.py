"""From scores to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .changed import changed_events
from .interval import Interval, arm, event_interval, session_interval, session_sums
from .passes import as_passes, whole_passes
from .permutation import permute
from .reach import drop_in_reach, fewest_passes
from .rules import FEWEST_SESSIONS, GateRules, Look, Outcome, Reason, Verdict, at_most
from .scores import EventScores, Filling, KnownScores, Sides, filled, known_scores, mean, seed_of
from .shuffles import sign_flip

__all__ = ["decide"]

_MOST_LEFT_OUT = 0.10


def decide(
    metric: str, events: Sequence[EventScores], rules: GateRules, looks: Sequence[Look] = ()
) -> Verdict:
    """Judge one metric of one target; never raises.

    Args:
        metric: What the scores are of: the check, as it is written.
        events: In any order.
        rules: How to judge.
        looks: All planned looks at this run, where there are several (`stages.looks`). The one
            that counts is the last one that the samples suffice for.
    """
    run = _Run(metric, events, rules, looks)
    if not any(map(_answers, run.events)):
        reason: Reason = "too_few_sessions" if run.lacks_sessions else "not_measured"
        return run.verdict("inconclusive", reason)
    return _calibrated(run) if run.calibrated else _uncalibrated(run)


class _Run:
    """The scores of a run, and all of its verdict that does not depend on the outcome."""

    def __init__(
        self, metric: str, events: Sequence[EventScores], rules: GateRules, looks: Sequence[Look]
    ) -> None:
        self.metric, self.rules, self.looks = metric, rules, looks
        self.samples = max((len(event.target) for event in events), default=0)
        self.events = _prepared(events, self.samples, free_running=rules.free_running)
        self.calibrated = [event for event in self.events if event.calibration]
        self.left_out = [event.key for event in self.events if not event.calibration]
        self.look = max(1, sum(look.samples <= self.samples for look in looks))
        at = looks[self.look - 1] if looks else None
        self.level = at.ok if at else rules.alpha
        self.regression_level = at.regression if at else rules.alpha
        self.seed = seed_of((event.key for event in events), metric)

    @property
    def judged(self) -> list[KnownScores]:
        """The events that the verdict speaks about."""
        return self.calibrated or self.events

    @property
    def sessions(self) -> int:
        """How many these are of."""
        return len({event.session for event in self.judged})

    @property
    def lacks_sessions(self) -> bool:
        """Whether these are too few to speak for others."""
        return self.rules.scope == "sessions" and self.sessions < FEWEST_SESSIONS

    @property
    def gaps(self) -> int:
        """Samples of the target that could not be measured."""
        return sum(event.gaps for event in self.judged)

    def sides(self, filling: Filling) -> list[Sides]:
        """The events to judge, gaps filled; sessions, where a sample is a pass through one."""
        events = [filled(event, filling) for event in self.calibrated]
        return as_passes(events) if self.rules.free_running else events

    def verdict(self, outcome: Outcome, reason: Reason | None = None, **found: Any) -> Verdict:
        """A verdict, with all that is known without judging."""
        return Verdict(
            metric=self.metric,
            outcome=outcome,
            reason=reason,
            scope=self.rules.scope,
            graded=any(map(_is_graded, self.judged)),
            events=len(self.judged),
            sessions=self.sessions,
            samples=self.samples,
            calibration_samples=max((len(event.calibration) for event in self.events), default=0),
            answers=sum(map(_answers, self.judged)),
            not_measured=self.gaps,
            left_out=tuple(self.left_out),
            level=self.level,
            margin=self.rules.margin,
            alpha=self.rules.alpha,
            regression_level=self.regression_level,
            look=self.look,
            looks=tuple(self.looks),
            seed=self.seed,
            **found,
        )


def _prepared(
    events: Sequence[EventScores], samples: int, *, free_running: bool
) -> list[KnownScores]:
    """The events in an order of their own; one that was never sent lacks every sample."""
    sent = [event if event.target else replace(event, target=(None,) * samples) for event in events]
    whole = whole_passes(sent) if free_running else sent
    return sorted(
        map(known_scores, whole), key=lambda event: (event.key, event.session, repr(event))
    )


def _answers(event: KnownScores) -> int:
    return len(event.target) - event.gaps


def _is_graded(event: KnownScores) -> bool:
    return not {*event.calibration, *event.target} <= {0, 1, None}


def _uncalibrated(run: _Run) -> Verdict:
    """Without a noise floor only a target that nearly always holds can be `ok`."""
    worst = arm([[score or 0.0 for score in event.target] for event in run.events])
    low = worst.lower(run.level) - 1
    means = [mean(filled(event, "likely").target) for event in run.events if _answers(event)]
    if low > -run.rules.margin and run.rules.scope == "events":
        return run.verdict("ok", low=low, target_mean=mean(means))
    reason: Reason = "too_few_sessions" if run.lacks_sessions else "no_noise_floor"
    return run.verdict("inconclusive", reason, low=low, target_mean=mean(means))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What speaks for and against a change, gaps filled in one way."""

    sides: Sequence[Sides]
    interval: Interval
    p_events: float
    p_sessions: float

    def p(self, run: _Run) -> float:
        """The p of the chosen scope."""
        return self.p_events if run.rules.scope == "events" else self.p_sessions

    def is_ok(self, run: _Run) -> bool:
        """Whether a drop as large as the margin is ruled out."""
        return self.interval.low > -run.rules.margin

    def is_worse(self, run: _Run) -> bool:
        """Whether luck alone is too rare to explain it."""
        return at_most(self.p(run), run.regression_level)

    def is_regression(self, run: _Run) -> bool:
        """Whether the target is worse, and by the margin."""
        return self.is_worse(run) and at_most(self.interval.change, -run.rules.margin)


def _evidence(run: _Run, filling: Filling) -> _Evidence:
    sides = run.sides(filling)
    bounds = event_interval if run.rules.scope == "events" else session_interval
    return _Evidence(
        sides=sides,
        interval=bounds(sides, run.level),
        p_events=permute(sides, seed=run.seed),
        p_sessions=sign_flip(session_sums(sides), seed=run.seed),
    )


def _calibrated(run: _Run) -> Verdict:
    likely = _evidence(run, "likely")
    worst, best = (_evidence(run, "worst"), _evidence(run, "best")) if run.gaps else (likely,) * 2
    changed = changed_events([filled(event, "best") for event in run.calibrated], run.metric)
    outcome, reason = _outcome(run, worst, likely, best)
    if outcome == "ok" and any(at_most(event.q, run.rules.alpha) for event in changed):
        outcome, reason = "inconclusive", "local_break"
    calibrations = [event.calibration for event in run.calibrated]
    rules = run.rules
    drop = (
        drop_in_reach(calibrations, run.samples, margin=rules.margin, level=run.regression_level)
        if rules.scope == "events"
        else None
    )
    return run.verdict(
        outcome,
        reason,
        calibration_mean=_mean(likely.sides, "calibration"),
        target_mean=_mean(likely.sides, "target"),
        change=likely.interval.change,
        low=worst.interval.low,
        high=best.interval.high,
        p=best.p(run),
        p_events=best.p_events,
        p_sessions=best.p_sessions,
        smallest_drop=drop,
        changed=changed,
    )


def _mean(sides: Sequence[Sides], side: str) -> float:
    total = sum(each.weight for each in sides)
    return sum(each.weight * mean(getattr(each, side)) for each in sides) / total


def _outcome(
    run: _Run, worst: _Evidence, likely: _Evidence, best: _Evidence
) -> tuple[Outcome, Reason | None]:
    """`ok` must survive the worst filling of gaps, a regression the best one."""
    if run.lacks_sessions:
        return "inconclusive", "too_few_sessions"
    if len(run.left_out) > _MOST_LEFT_OUT * len(run.events):
        return "inconclusive", "no_noise_floor"
    if worst.is_ok(run) and _has_sessions_for_ok(run, worst):
        return "ok", None
    if best.is_regression(run):
        return "regression", None
    return "inconclusive", _why(run, likely, best)


def _has_sessions_for_ok(run: _Run, worst: _Evidence) -> bool:
    if run.rules.scope == "events":
        return True
    return len(session_sums(worst.sides)) >= fewest_passes(run.rules.margin, run.level)


def _why(run: _Run, likely: _Evidence, best: _Evidence) -> Reason:
    if run.gaps and (likely.is_ok(run) or likely.is_regression(run)):
        return "not_measured"
    if best.is_worse(run):
        return "small_real_drop"
    return "too_few"
