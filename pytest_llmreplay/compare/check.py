"""One comparison rule, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Literal, Protocol, TypeAlias

from pytest_llmreplay.compare.answers.answer_view import AnswerView
from pytest_llmreplay.event import Event

from .judged import Score
from .ladder import Severity

__all__ = ["Asked", "Aspect", "Check", "Diverged", "Finding", "Held", "NotMeasured", "Pair"]

Aspect = Literal["text", "tool_calls", "media"]
"""What of an answer may change without anybody having judged it."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A recorded call and the same call sent again."""

    baseline: Event
    replayed: Event
    live: bool
    """Whether the replayed answer was measured on its way from a server."""
    unmeasured: str | None = None
    """Why the latency says nothing, where it does not although the answer came from a server."""
    scores: Mapping[str, Score] | None = None
    """What a judge gave the `baseline` and the `replayed` answer; none where none was asked."""
    beyond: tuple[Event, ...] = ()
    """Answers to further calls that a target that ran freely took behind this one."""
    spared: tuple[Event, ...] = ()
    """Recorded calls behind this one that it had no need of."""

    @property
    def course(self) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
        """The calls that stand against each other, recorded and replayed: mostly one each."""
        return (self.baseline, *self.spared), (self.replayed, *self.beyond)

    def score(self, side: Literal["baseline", "replayed"]) -> float | None:
        """What a judge gave one of the answers; none where it gave nothing."""
        found = (self.scores or {}).get(side)
        return None if found is None else found.value

    @property
    def accepted(self) -> Pair:
        """What is compared when this answer has been accepted, and the same one comes again."""
        now = (self.scores or {}).get("replayed")
        scores = None if now is None else {"baseline": now, "replayed": now}
        return replace(self, baseline=self.replayed, scores=scores)

    @cached_property
    def then(self) -> AnswerView:
        """What the baseline says."""
        return AnswerView(self.baseline.response)

    @cached_property
    def now(self) -> AnswerView:
        """What the replayed answer says."""
        return self.then if self.replayed is self.baseline else AnswerView(self.replayed.response)

    @cached_property
    def heard(self) -> AnswerView:
        """The replayed answer as far as the baseline was read, where its reader left early."""
        return (
            AnswerView.as_far_as(self.then, self.replayed.response) if self.then.left else self.now
        )

    @property
    def unread(self) -> bool:
        """Whether the reader of the baseline left before anything came."""
        return self.then.left and not any(self.then.texts) and not self.then.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The check holds."""

    check: str
    detail: str | None = None
    idle: bool = False
    """Whether it is no matter here: no schema was asked for, nothing recorded is JSON."""
    counted_locally: bool = False
    """Whether it is about tokens that nobody reported, so that they were counted here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasured:
    """The check has nothing to judge by, which is no pass."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged:
    """The check does not hold."""

    check: str
    headline: str
    """What differs, in one line without the name of the check."""
    cause: str
    """The same without what is particular to the event, so that events can be counted by it."""
    severity: Severity
    recorded: tuple[str, ...] = ()
    """Lines of the recorded answer, as they came."""
    replayed: tuple[str, ...] = ()
    note: str | None = None
    """Why it counts, or what would hold instead."""
    counted_locally: bool = False
    """Whether it is about tokens that nobody reported, so that they were counted here."""


Finding: TypeAlias = Held | NotMeasured | Diverged


class Asked(Protocol):
    """What every check says of itself, whatever it is over."""

    @property
    def spec(self) -> str:
        """The check as it is written, without `warn:`."""
        ...

    @property
    def gated(self) -> bool:
        """Whether a divergence fails; else it is only reported."""
        ...

    @property
    def asked(self) -> bool:
        """Whether the check was asked for by its own name, not as a member of a named set."""
        ...


class Check(Asked, Protocol):
    """A rule that compares the recorded call with the replayed one."""

    judges: ClassVar[tuple[Aspect, ...]]
    """What needs no other judge when this check holds."""
    asks_judge: ClassVar[bool]
    """Whether what a judge says decides."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides beside its words, each by name, as a digest."""
        ...

    def judge(self, pair: Pair) -> Finding:
        """Compare; never raises."""
        ...
