"""The figures of a verdict by their names in statistics: for programs, and for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.compare.statistics.rules import Look, Verdict
from pytest_llmreplay.report.text.sanitise import safe_line

from .figures import GLUE, paragraph

__all__ = ["figure_lines", "named_figures"]

_DIGITS, _SHOWN = 9, 4
"""Significant ones, for programs and for people: a p may be very small."""


def named_figures(verdict: Verdict) -> dict[str, object]:
    """All that is known of a verdict on one check, as builtins.

    `n` events in `G` sessions, `k` samples of the target and `k0` of the calibration per event, at
    most; the change `D` and its interval from `lo` to `hi` at `level` per side; `p` of the chosen
    scope beside that of either; `levels` as samples, level of a regression and level of an `ok`,
    for each planned look; the smallest drop that the run could have seen, `mdd`.
    """
    return dict(_known(verdict, _DIGITS))


def figure_lines(verdict: Verdict, width: int) -> list[str]:
    """The same for people, in few digits."""
    told = ", ".join(f"{name}{GLUE}{value}" for name, value in _known(verdict, _SHOWN))
    return paragraph([f"figures of {safe_line(verdict.metric)}:", told], width, indent="  ")


def _known(verdict: Verdict, digits: int) -> Iterator[tuple[str, object]]:
    figures: dict[str, object] = {
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "scope": verdict.scope,
        "n": verdict.events,
        "G": verdict.sessions,
        "k": verdict.samples,
        "k0": verdict.calibration_samples,
        "D": verdict.change,
        "lo": verdict.low,
        "hi": verdict.high,
        "level": verdict.level,
        "margin": verdict.margin,
        "alpha": verdict.alpha,
        "p": verdict.p,
        "p_events": verdict.p_events,
        "p_sessions": verdict.p_sessions,
        "adjusted_p": verdict.adjusted_p,
        "p_level": verdict.regression_level,
        "mdd": verdict.smallest_drop,
        "not_measured": verdict.not_measured,
        "left_out": len(verdict.left_out),
        "look": verdict.look,
        "levels": [_levels(look, digits) for look in verdict.looks] or None,
        "seed": verdict.seed,
    }
    for name, value in figures.items():
        if value is not None:
            yield name, _rounded(value, digits) if isinstance(value, float) else value


def _levels(look: Look, digits: int) -> list[float]:
    return [look.samples, _rounded(look.regression, digits), _rounded(look.ok, digits)]


def _rounded(figure: float, digits: int) -> float:
    return float(f"{figure:.{digits}g}") + 0.0  # so that no 0 has a sign
