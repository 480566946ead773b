"""The ladder of severities, and from which rung on a divergence fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

__all__ = ["LADDER", "FailOn", "Severity", "fails", "told_before", "worst"]

Severity: TypeAlias = Literal[
    "identical",
    "equivalent",
    "wording",
    "structure",
    "tool_calls",
    "finish_reason",
    "refusal",
    "budget",
    "error",
]
"""How far an answer is from the recorded one, the lowest rung first.

* identical: nothing differs.
* equivalent: white space, quotes and forms of characters alone.
* wording: it says something else.
* structure: it is not built as the application needs it: its JSON, what it has to contain, the
  number of its choices.
* tool_calls: the application would call something else.
* finish_reason: it ends in another way.
* refusal: it refuses, the recorded one did not.
* budget: it takes more than it may.
* error: there is no usable answer.
"""

FailOn: TypeAlias = Severity | Literal["never"]
"""From `equivalent` on is every divergence, `never` is none."""

LADDER: tuple[Severity, ...] = get_args(Severity)


def fails(severity: Severity, fail_on: FailOn) -> bool:
    """Whether a divergence of this rung fails its event."""
    return fail_on != "never" and LADDER.index(severity) >= LADDER.index(fail_on)


def worst(severities: Iterable[Severity]) -> Severity:
    """The highest rung; identical where there is none."""
    return max(severities, key=LADDER.index, default="identical")


def told_before(severity: Severity) -> int:
    """Sorts what a reader is told: the lower, the earlier.

    The highest rung first, but a budget last: what is wrong with an answer explains what it took.
    """
    return len(LADDER) if severity == "budget" else LADDER[::-1].index(severity)
