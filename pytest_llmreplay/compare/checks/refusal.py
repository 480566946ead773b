"""`refusal`: no refusal where the recorded answer was none."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers.content import refused
from pytest_llmreplay.compare.check import Finding, Pair

from .base import Rule

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Rule):
    """The provider's own sign alone counts, never words that sound like a refusal."""

    def judge(self, pair: Pair) -> Finding:
        """Compare the signs; an answer where a refusal was recorded holds."""
        sign = refused(pair.replayed.response)
        if sign is None or refused(pair.baseline.response) is not None:
            return self.held()
        return self.diverged(
            f"refused, was answered: {sign}", "refusal", cause="refused, was answered"
        )
