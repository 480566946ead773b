"""Several gating metrics of one target, or several targets, judged together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .multiple import holm
from .rules import Outcome, Verdict, at_most

__all__ = ["judged_together", "overall"]


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
