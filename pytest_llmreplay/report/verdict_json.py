"""A verdict as JSON has it, with every figure that it rests on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pytest_llmreplay.compare.statistics.budgets import BudgetVerdict
from pytest_llmreplay.compare.statistics.rules import Verdict

__all__ = ["budget_json", "verdict_json"]


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """All of a verdict, under the names of the literature."""
    return {
        "metric": verdict.metric,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "scope": verdict.scope,
        "n": verdict.events,
        "sessions": verdict.sessions,
        "k": verdict.samples,
        "k0": verdict.calibration_samples,
        "fresh": verdict.fresh_answers,
        "answers": verdict.answers,
        "preferred": verdict.preferred and asdict(verdict.preferred),
        "not_measured": verdict.not_measured,
        "left_out": list(verdict.left_out),
        "calibration": verdict.calibration_mean,
        "target": verdict.target_mean,
        "D": verdict.change,
        "lo": verdict.low,
        "hi": verdict.high,
        "level": verdict.level,
        "margin": verdict.margin,
        "alpha": verdict.alpha,
        "regression_level": verdict.regression_level,
        "p": verdict.p,
        "p_events": verdict.p_events,
        "p_sessions": verdict.p_sessions,
        "adjusted_p": verdict.adjusted_p,
        "look": verdict.look,
        "levels": [asdict(look) for look in verdict.looks],
        "seed": verdict.seed,
        "mdd": verdict.smallest_drop,
        "changed": [asdict(event) for event in verdict.changed],
    }


def budget_json(verdict: BudgetVerdict) -> dict[str, Any]:
    """All of a budget over a run."""
    return asdict(verdict)
