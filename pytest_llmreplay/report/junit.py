"""What a result says of itself in JUnit XML and to other plugins: names and builtins."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_llmreplay.report.summary.result import EventResult
from pytest_llmreplay.report.text.sanitise import safe_line
from pytest_llmreplay.report.verdict.named_figures import named_figures

if TYPE_CHECKING:
    from pytest_llmreplay.report.verdict.run_verdict import TargetVerdictView

__all__ = ["properties", "scope_properties", "verdict_properties"]

_LONGEST = 200
_SHARED = 512
"""Most properties of a run are of a few outcomes, targets and models."""


def properties(result: EventResult) -> list[tuple[str, object]]:
    """Short properties of one item, by their OpenTelemetry names where these exist.

    Those are of the one answer that is shown; `cost` is what this run paid for all calls of the
    item, so that those of all items add up as the summary's do.

    Only builtins: pytest-xdist carries nothing else between processes.
    """
    now, comparison = result.replayed, result.comparison
    failed = [finding.check for finding in comparison.diverged] if comparison else []
    values: list[tuple[str, str | int | float | None]] = [
        ("outcome", result.outcome),
        ("target", _short(result.target)),
        ("gen_ai.response.model", _short(result.model)),
        ("gen_ai.usage.input_tokens", now.input_tokens),
        ("gen_ai.usage.output_tokens", now.output_tokens),
        ("gen_ai.client.inference.duration", _rounded(now.duration)),
        ("gen_ai.response.time_to_first_chunk", _rounded(now.time_to_first_chunk)),
        ("cost", _rounded(result.paid_in_all)),
        ("gen_ai.evaluation.score.value", _rounded(now.judge)),
        ("severity", comparison.severity if comparison else None),
        ("samples", result.samples if result.held is not None else None),
        ("held", result.held),
        ("checks_failed", _short(", ".join(failed)) or None),
        ("reason", _short(result.reason)),
        ("taken_from", _short(result.taken_from)),
    ]
    return [_property(name, value) for name, value in values if value is not None]


def verdict_properties(target: str, view: TargetVerdictView | None) -> list[tuple[str, object]]:
    """Properties of a verdict over the run; those of a check begin with it, as in `text.p`."""
    figures = [
        (f"{_short(verdict.metric)}.{name}", value)
        for verdict, _ in (() if view is None else view.verdicts)
        for name, value in named_figures(verdict).items()
    ]
    return [*scope_properties(target, None if view is None else view.outcome), *figures]


def scope_properties(target: str, outcome: str | None) -> list[tuple[str, object]]:
    """Properties of what checks over a session or over the run came to."""
    values = [("outcome", outcome), ("target", _short(target))]
    return [(name, value) for name, value in values if value is not None]


@lru_cache(maxsize=_SHARED, typed=True)
def _property(name: str, value: str | float) -> tuple[str, object]:
    """One property; of many events that say the same, pytest keeps it once."""
    return name, value


def _short(text: str | None) -> str | None:
    return None if text is None else safe_line(text)[:_LONGEST]


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(float(figure), 6)
