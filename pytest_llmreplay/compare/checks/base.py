"""What every check has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pytest_llmreplay.compare.check import Aspect, Diverged, Finding, Held, NotMeasured, Pair
from pytest_llmreplay.compare.ladder import Severity

__all__ = ["Rule", "choice_named"]


def choice_named(place: int, count: int) -> str:
    """A choice in words: `choice 2 of 3`, or `the answer` where it is the only one."""
    return f"choice {place + 1} of {count}" if count > 1 else "the answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check as it was asked for."""

    judges: ClassVar[tuple[Aspect, ...]] = ()
    asks_judge: ClassVar[bool] = False

    spec: str
    gated: bool = True
    asked: bool = True

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides beside the words of the check: nothing, for most."""
        return {}

    def held(self, detail: str | None = None) -> Held:
        """The check holds."""
        return Held(check=self.spec, detail=detail)

    def idle(self, reason: str) -> Held:
        """The check is no matter here, so it holds."""
        return Held(check=self.spec, detail=reason, idle=True)

    def not_measured(self, reason: str) -> NotMeasured:
        """There is nothing to judge by."""
        return NotMeasured(check=self.spec, reason=reason)

    def unread(self) -> NotMeasured:
        """Nothing of the recorded answer was read."""
        return self.not_measured("the recorded stream was left before anything came")

    def demanded(self, pair: Pair, choices: Sequence[bool], verb: str) -> Finding:
        """What comes of a demand on every choice of the answer.

        Args:
            pair: Both calls.
            choices: Whether each choice meets it; one without words does not.
            verb: What a choice does that meets it: `match`.
        """
        if choices and all(choices):
            return self.held()
        place = choices.index(False) if choices else 0
        which = choice_named(place, len(choices))
        text = pair.now.texts[place : place + 1]
        return self.diverged(
            f"{which} does not {verb}",
            "structure",
            cause=f"the answer does not {verb}",
            replayed=tuple("".join(text).split("\n")) if any(text) else (),
            note=None if any(text) else "The answer has no words.",
        )

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
