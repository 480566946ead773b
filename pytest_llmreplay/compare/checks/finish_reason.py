"""`finish_reason`: the answer ends in the same way."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.event import Response

from .base import Rule

__all__ = ["Ending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Rule):
    """The class of ending is the recorded one, for every choice."""

    def judge(self, pair: Pair) -> Finding:
        """Compare the classes, not the words that providers have for them."""
        then, now = _endings(pair.baseline.response), _endings(pair.replayed.response)
        if then == now:
            return self.held(", ".join(now) or None)
        if not any(then):
            return self.not_measured("the recorded answer names no ending")
        what = f"is {_ending_words(now)}, recorded {_ending_words(then)}"
        return self.diverged(what, "finish_reason")


def _endings(response: Response) -> tuple[str, ...]:
    return tuple(choice.finish_reason or "" for choice in response.choices)


def _ending_words(endings: tuple[str, ...]) -> str:
    return ", ".join(repr(ending) if ending else "none" for ending in endings) or "none"
