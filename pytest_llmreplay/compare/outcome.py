"""What came of an event: every finding, and the one word for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_llmreplay.event import Response, ResponseError

from .answers import calls_of, media_of, texts_of
from .arguments import canonical
from .check import Aspect, Check, Diverged, Finding, Held, NotMeasured, Pair, Severity

__all__ = ["OUTCOMES", "Comparison", "Judged", "Outcome", "compare"]

Outcome = Literal[
    "ok", "changed", "diverged", "error", "not_measured", "not_replayed", "not_run", "stale"
]
"""What came of an event.

* ok: every gated check holds.
* changed: as ok, but the answer differs where no check judged it.
* diverged: a gated check does not hold.
* error: no answer to compare.
* not_measured: a gated check had nothing to judge by.
* not_replayed: not sent, by decision.
* not_run: not sent, for lack of money or time.
* stale: not sent, the recording is too old.
"""

OUTCOMES: tuple[Outcome, ...] = (
    "ok",
    "changed",
    "diverged",
    "error",
    "not_measured",
    "not_replayed",
    "not_run",
    "stale",
)

_WORST_FIRST: tuple[Severity, ...] = ("broken", "behaviour", "wording", "budget")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A check and what it found."""

    finding: Finding
    gated: bool
    asked: bool

    @property
    def is_blind(self) -> bool:
        """Whether it was asked for by name, to gate, and had nothing to judge by."""
        return self.gated and self.asked and isinstance(self.finding, NotMeasured)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that was found about one event."""

    outcome: Outcome
    judged: tuple[Judged, ...] = ()
    unjudged: tuple[Aspect, ...] = ()
    """Where the answer differs and no gated check looked."""
    error: str | None = None
    """The server's own words, or why there is no answer."""
    fails: bool = False
    """Whether the event counts as failed."""

    @property
    def diverged(self) -> tuple[Diverged, ...]:
        """Gated checks that do not hold, worst first."""
        return _worst_first(self.judged, gated=True)

    @property
    def reported(self) -> tuple[Diverged, ...]:
        """Checks that do not hold and only report, worst first."""
        return _worst_first(self.judged, gated=False)

    @property
    def held(self) -> tuple[Held, ...]:
        """Gated checks that hold."""
        return tuple(j.finding for j in self.judged if j.gated and isinstance(j.finding, Held))

    @property
    def not_measured(self) -> tuple[NotMeasured, ...]:
        """Checks that had nothing to judge by."""
        return tuple(j.finding for j in self.judged if isinstance(j.finding, NotMeasured))


def compare(pair: Pair, checks: Sequence[Check]) -> Comparison:
    """Judge a replayed answer; one that is no answer is an error, whatever the checks say."""
    problem = _problem(pair.replayed.response)
    if problem is not None:
        return Comparison(outcome="error", error=problem, fails=True)
    judged = tuple(
        Judged(finding=check.judge(pair), gated=check.gated, asked=check.asked) for check in checks
    )
    gated = [j for j in judged if j.gated]
    if any(isinstance(j.finding, Diverged) for j in gated):
        return Comparison(outcome="diverged", judged=judged, fails=True)
    blind = pair.live and any(j.is_blind for j in judged)
    if blind or (gated and not any(isinstance(j.finding, Held) for j in gated)):
        return Comparison(outcome="not_measured", judged=judged, fails=blind)
    unjudged = _unjudged(pair, checks)
    return Comparison(outcome="changed" if unjudged else "ok", judged=judged, unjudged=unjudged)


def _problem(response: Response) -> str | None:
    if response.error is not None:
        return _words(response.error)
    return "the stream stopped before its protocol's end" if response.truncated else None


def _words(error: ResponseError) -> str:
    kind = " ".join(str(word) for word in (error.status, error.type) if word)
    return f"{kind}: {error.message}" if kind else error.message


def _unjudged(pair: Pair, checks: Sequence[Check]) -> tuple[Aspect, ...]:
    seen = {aspect for check in checks if check.gated for aspect in check.judges}
    then, now = pair.baseline.response, pair.replayed.response
    differs: dict[Aspect, bool] = {
        "text": "text" not in seen and texts_of(then) != texts_of(now),
        "tool_calls": "tool_calls" not in seen and _calls(then) != _calls(now),
        "media": "media" not in seen and media_of(then) != media_of(now),
    }
    return tuple(aspect for aspect, yes in differs.items() if yes)


def _calls(response: Response) -> list[tuple[str, str]]:
    return sorted((call.name, canonical(call.arguments or {})) for call in calls_of(response))


def _worst_first(judged: Sequence[Judged], *, gated: bool) -> tuple[Diverged, ...]:
    found = [j.finding for j in judged if j.gated is gated and isinstance(j.finding, Diverged)]
    return tuple(sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity)))
