"""Several questions at once: how rare the rarest of many findings is, and verdicts by that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from .rules import Outcome, Verdict, at_most

__all__ = ["benjamini_hochberg", "holm", "judged_together", "overall"]


def holm(ps: Sequence[float]) -> list[float]:
    """Each p adjusted so that even one false alarm among all of them is as rare as it says."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    steps = [min(1.0, (len(ps) - rank) * ps[at]) for rank, at in enumerate(order)]
    return _back(order, accumulate(steps, max))


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Each p adjusted so that of all that are listed at a level, that share is false at most."""
    order = sorted(range(len(ps)), key=ps.__getitem__, reverse=True)
    steps = [min(1.0, len(ps) / (len(ps) - rank) * ps[at]) for rank, at in enumerate(order)]
    return _back(order, accumulate(steps, min))


def _back(order: Sequence[int], adjusted: Sequence[float] | accumulate[float]) -> list[float]:
    placed = dict(zip(order, adjusted, strict=True))
    return [placed[at] for at in range(len(order))]


def judged_together(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The same verdicts with each p adjusted; a regression that this makes too common is none.

    An `ok` needs no correction, since all of them must be `ok`. Where there are several looks
    nothing is adjusted: their levels have it in them (`stages.looks`).
    """
    asked = {at: v.p for at, v in enumerate(verdicts) if v.p is not None and not v.looks}
    adjusted = dict(zip(asked, holm(list(asked.values())), strict=True))
    return tuple(
        _adjusted(verdict, adjusted[at]) if at in adjusted else verdict
        for at, verdict in enumerate(verdicts)
    )


def _adjusted(verdict: Verdict, p: float) -> Verdict:
    adjusted = replace(verdict, adjusted_p=p)
    if verdict.outcome == "regression" and not at_most(p, verdict.alpha):
        return replace(adjusted, outcome="inconclusive", reason="too_few")
    return adjusted


def overall(verdicts: Sequence[Verdict]) -> Outcome:
    """One word for all: a regression if any is one, `ok` only if all are."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if "regression" in outcomes:
        return "regression"
    return "ok" if outcomes == {"ok"} else "inconclusive"
