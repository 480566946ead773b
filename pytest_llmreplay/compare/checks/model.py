"""`model`: the recorded model answers."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.event import Event

from .base import Rule

__all__ = ["Model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Rule):
    """The answering model, as the provider names it, is the recorded one."""

    def judge(self, pair: Pair) -> Finding:
        """Compare the names in the answers, not those that were asked for."""
        then, now = _model(pair.baseline), _model(pair.replayed)
        if then is None or now is None:
            which = "recorded" if then is None else "replayed"
            return self.not_measured(f"the {which} answer names no model")
        if then == now:
            return self.held(now)
        return self.diverged(f"answered by {now!r}, recorded {then!r}", "wording")


def _model(event: Event) -> str | None:
    return event.response.model or event.measured.model
