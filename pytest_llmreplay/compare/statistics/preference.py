"""A judge that saw both answers: which side it prefers, free of where each one stood.

Each pair is judged in both orders. A judge that likes the first place disagrees with itself, which
is a tie. The opponent is an answer of the calibration, never the recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .decide import decide
from .rules import GateRules, Verdict
from .scores import EventScores, is_measured, mean

__all__ = ["Preferences", "decide_preference"]

Pair = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The judgings of one event.

    1 where the target's answer is preferred, 0 where the opponent's is, a half for a tie; first
    with the target's answer in the first place, then in the second.
    """

    key: str
    session: str
    pairs: tuple[Pair, ...]


def decide_preference(metric: str, events: Sequence[Preferences], rules: GateRules) -> Verdict:
    """Judge whether the target's answers are preferred less often than the opponent's.

    The change is the target's share less the opponent's, the margin is of the same kind. By sign
    flips of events, or of sessions where these are the scope. A pair that was not measured in
    both orders must not matter, whoever had won it.
    """
    worst = _decided(metric, events, rules, gap=0.0)
    best = _decided(metric, events, rules, gap=1.0)
    gaps = sum(_share(pair) is None for event in events for pair in event.pairs)
    answers = sum(len(event.pairs) for event in events) - gaps
    told = replace(best, low=worst.low, not_measured=gaps, answers=answers)
    if not answers:
        return replace(told, outcome="inconclusive", reason="not_measured")
    if worst.outcome == "ok":
        return replace(told, outcome="ok", reason=None)
    if best.outcome == "ok" or worst.outcome != best.outcome != "regression":
        return replace(told, outcome="inconclusive", reason="not_measured")
    return told


def _decided(
    metric: str, events: Sequence[Preferences], rules: GateRules, *, gap: float
) -> Verdict:
    by_events = rules.scope == "events"
    scores = [
        _scores(event, gap, session=event.key if by_events else event.session) for event in events
    ]
    verdict = decide(metric, scores, replace(rules, scope="sessions", free_running=False))
    reason = "too_few" if by_events and verdict.reason == "too_few_sessions" else verdict.reason
    return replace(
        verdict,
        reason=reason,
        scope=rules.scope,
        sessions=len({event.session for event in events}),
        p_events=None,
        p_sessions=None,
        smallest_drop=None,
        changed=(),
    )


def _scores(event: Preferences, gap: float, *, session: str) -> EventScores:
    shares = [gap if (share := _share(pair)) is None else share for pair in event.pairs]
    return EventScores(
        key=event.key,
        session=session,
        calibration=tuple(1 - share for share in shares),
        target=tuple(shares),
    )


def _share(pair: Pair) -> float | None:
    scores = [score for score in pair if is_measured(score)]
    return mean(scores) if len(scores) == len(pair) else None
