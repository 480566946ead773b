"""What every check has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pytest_llmreplay.compare.check import Aspect, Diverged, Held, NotMeasured
from pytest_llmreplay.compare.ladder import Severity

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check as it was asked for."""

    judges: ClassVar[tuple[Aspect, ...]] = ()

    spec: str
    gated: bool = True
    asked: bool = True

    def held(self, detail: str | None = None) -> Held:
        """The check holds."""
        return Held(check=self.spec, detail=detail)

    def not_measured(self, reason: str) -> NotMeasured:
        """There is nothing to judge by."""
        return NotMeasured(check=self.spec, reason=reason)

    def diverged(
        self,
        headline: str,
        severity: Severity,
        *,
        cause: str | None = None,
        recorded: tuple[str, ...] = (),
        replayed: tuple[str, ...] = (),
        note: str | None = None,
    ) -> Diverged:
        """The check does not hold; the headline is also the cause where none is given."""
        return Diverged(
            check=self.spec,
            headline=headline,
            cause=headline if cause is None else cause,
            severity=severity,
            recorded=recorded,
            replayed=replayed,
            note=note,
        )
