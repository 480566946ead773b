"""A judge that saw both answers: which side it prefers.

The opponent is an answer that the recorded model gave when it was asked again (the calibration),
never the recording. An unchanged model wins as often as it loses, so nothing but the comparisons
themselves has to be measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .interval import Interval, session_interval, session_sums
from .reach import Preflight, fewest_passes
from .rules import (
    FEWEST_SESSIONS,
    GateRules,
    Look,
    Outcome,
    Preferred,
    Reason,
    Verdict,
    at_most,
)
from .scores import Sides, is_measured, mean, seed_of
from .shuffles import sign_flip
from .stages import looks

__all__ = ["Preferences", "decide_preference", "preference_preflight"]

_MOST_LEFT_OUT = 0.10
_TIE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The comparisons of one event."""

    key: str
    session: str
    shares: tuple[float | None, ...]
    """One for each sample of the target: 1 where its answer is preferred, 0 where the opponent's
    is, a half for a tie; none where that could not be measured. Empty without an opponent."""


def decide_preference(
    metric: str, events: Sequence[Preferences], rules: GateRules, planned: Sequence[Look] = ()
) -> Verdict:
    """Judge whether the target's answers are preferred less often than the opponents'.

    The change is the target's share less the opponents', the margin is of the same kind. By sign
    flips of events, or of sessions where these are the scope. A comparison that was not measured
    must not matter, whoever had won it.

    Args:
        metric: The check, as it is written.
        events: In any order.
        rules: How to judge.
        planned: All looks at this run, where there are several; the one that counts is the
            last one that the samples suffice for.
    """
    return _Run(metric, events, rules, planned).verdict()


def preference_preflight(events: Sequence[Preferences], rules: GateRules) -> Preflight:
    """What comparisons of so many events can come to, whatever the number of samples.

    How a judge will choose is known from nothing that was measured before: beyond whether an `ok`
    is in reach at all, nothing can be said.

    Args:
        events: Their comparisons are not looked at.
        rules: How the run will be judged.
    """
    level = looks(rules.schedule, 0, rules.alpha)[-1].ok if rules.schedule else rules.alpha
    by_events = rules.scope == "events"
    groups = {event.key if by_events else event.session for event in events}
    fewest = max(fewest_passes(rules.margin, level), FEWEST_SESSIONS)
    return Preflight(
        ok_in_reach=len(groups) >= fewest,
        ok_when_unchanged=False,
        fewest_passes=fewest,
        samples_for_ok=None,
        smallest_drop=None,
        aim=2 * rules.margin,
        samples_for_aim=None,
        by_groups=True,
        decidable=by_events or len(groups) >= FEWEST_SESSIONS,
    )


class _Run:
    """The comparisons of a run, and what is asked of them."""

    def __init__(
        self, metric: str, events: Sequence[Preferences], rules: GateRules, planned: Sequence[Look]
    ) -> None:
        self._metric, self._rules, self._looks = metric, rules, planned
        self._all = sorted(events, key=lambda event: (event.key, event.session))
        self._events = [event for event in self._all if event.shares]
        shares = [share for event in self._events for share in event.shares]
        self._measured = [share for share in shares if is_measured(share)]
        self._gaps = len(shares) - len(self._measured)
        self._samples = max((len(event.shares) for event in self._events), default=0)
        self._look = max(1, sum(look.samples <= self._samples for look in planned))
        at = planned[self._look - 1] if planned else None
        self._level = at.ok if at else rules.alpha
        self._regression_level = at.regression if at else rules.alpha
        self._seed = seed_of((event.key for event in self._all), metric)

    def verdict(self) -> Verdict:
        """The verdict on the comparisons of all events."""
        if not self._measured:
            return self._verdict("inconclusive", self._why_unmeasured)
        likely = self._evidence(_TIE)
        worst, best = map(self._evidence, (0.0, 1.0)) if self._gaps else (likely, likely)
        outcome, reason = self._outcome(worst, best)
        return self._verdict(outcome, reason, worst=worst, likely=likely, best=best)

    @property
    def _sessions(self) -> int:
        return len({event.session for event in self._events or self._all})

    @property
    def _why_unmeasured(self) -> Reason:
        if self._rules.scope == "sessions" and self._sessions < FEWEST_SESSIONS:
            return "too_few_sessions"
        return "no_noise_floor" if self._all and not self._events else "not_measured"

    def _evidence(self, gap: float) -> _Evidence:
        by_events = self._rules.scope == "events"
        sides = [_sides(event, gap, by_events=by_events) for event in self._events]
        return _Evidence(
            interval=_interval(sides, self._level),
            p=sign_flip(session_sums(sides), seed=self._seed),
            groups=len(session_sums(sides)),
        )

    def _outcome(self, worst: _Evidence, best: _Evidence) -> tuple[Outcome, Reason | None]:
        """`ok` must survive that every gap is lost, a regression that it is won."""
        if best.groups < FEWEST_SESSIONS:
            by_events = self._rules.scope == "events"
            return "inconclusive", "too_few" if by_events else "too_few_sessions"
        if len(self._all) - len(self._events) > _MOST_LEFT_OUT * len(self._all):
            return "inconclusive", "no_noise_floor"
        if self._is_ok(worst):
            return "ok", None
        if self._is_regression(best):
            return "regression", None
        if self._is_ok(best) or self._is_regression(worst):
            return "inconclusive", "not_measured"
        worse = at_most(best.p, self._regression_level)
        return "inconclusive", "small_real_drop" if worse else "too_few"

    def _is_ok(self, evidence: _Evidence) -> bool:
        enough = evidence.groups >= fewest_passes(self._rules.margin, self._level)
        return enough and evidence.interval.low > -self._rules.margin

    def _is_regression(self, evidence: _Evidence) -> bool:
        by_margin = at_most(evidence.interval.change, -self._rules.margin)
        return by_margin and at_most(evidence.p, self._regression_level)

    def _verdict(
        self,
        outcome: Outcome,
        reason: Reason | None,
        *,
        worst: _Evidence | None = None,
        likely: _Evidence | None = None,
        best: _Evidence | None = None,
    ) -> Verdict:
        change = None if likely is None else likely.interval.change
        return Verdict(
            metric=self._metric,
            outcome=outcome,
            reason=reason,
            scope=self._rules.scope,
            preferred=_count(self._measured),
            events=len(self._events),
            sessions=self._sessions,
            samples=self._samples,
            calibration_samples=0,
            answers=len(self._measured),
            not_measured=self._gaps,
            left_out=tuple(event.key for event in self._all if not event.shares),
            calibration_mean=None if change is None else (1 - change) / 2,
            target_mean=None if change is None else (1 + change) / 2,
            change=change,
            low=None if worst is None else worst.interval.low,
            high=None if best is None else best.interval.high,
            level=self._level,
            margin=self._rules.margin,
            alpha=self._rules.alpha,
            regression_level=self._regression_level,
            p=None if best is None else best.p,
            look=self._look,
            looks=tuple(self._looks),
            seed=self._seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What speaks for and against a change, gaps filled in one way."""

    interval: Interval
    p: float
    groups: int
    """Events, or sessions where these are the scope."""


def _interval(sides: Sequence[Sides], level: float) -> Interval:
    """The change; what might be won, or lost, is bounded with one more event, or session, of it."""
    turned = [replace(one, target=one.calibration, calibration=one.target) for one in sides]
    return replace(session_interval(sides, level), high=-session_interval(turned, level).low)


def _sides(event: Preferences, gap: float, *, by_events: bool) -> Sides:
    shares = tuple([share if is_measured(share) else gap for share in event.shares])
    return Sides(
        key=event.key,
        session=event.key if by_events else event.session,
        calibration=(1 - mean(shares),),
        target=(mean(shares),),
    )


def _count(shares: Sequence[float]) -> Preferred:
    won, lost = sum(share > _TIE for share in shares), sum(share < _TIE for share in shares)
    return Preferred(won=won, lost=lost, tied=len(shares) - won - lost)
