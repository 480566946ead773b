"""Stand-in."""

from __future__ import annotations

from pytest_llmreplay.compare.statistics.rules import Verdict

__all__ = ["verdict_lines"]


def verdict_lines(verdict: Verdict, *, target: str, width: int) -> list[str]:
    """Stand-in."""
    return [
        f"{verdict.metric}: {verdict.outcome} {verdict.reason} {verdict.low} {verdict.high} {verdict.p}"
    ]
