"""What a judge gave an answer: several opinions, and the one score that they amount to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["TIE", "Opinion", "Score", "opinion", "score_of"]

TIE = 0.5
"""What each of two answers counts that are compared, where neither is preferred."""

_LONGEST = 500
"""Characters of an explanation that are kept: a few sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one question to a judge gave."""

    value: float | None
    """0 to 1, the more the better; none where the judge gave nothing that can be used."""
    explanation: str = ""
    problem: str | None = None
    """Why there is no value."""
    run: bool = True
    """Whether the judge was asked: there may be no money for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a judge thinks of one answer."""

    value: float | None
    """The median of its opinions; none where too few of them can be used, which is no score."""
    explanation: str = ""
    """In the judge's words, of the opinion that is nearest to the median."""
    samples: tuple[float | None, ...] = ()
    """All opinions, in the order in which they were asked for."""
    target: str = ""
    """Who judged."""
    problem: str | None = None
    """Why there is no value."""
    run: bool = True
    """Whether the judge was asked, where there is no value."""


def opinion(value: object, explanation: object = "") -> Opinion:
    """What a judge said, as far as it can be used: a number from 0 to 1."""
    words = " ".join(explanation.split()) if isinstance(explanation, str) else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Opinion(value=None, problem=f"the judge gave {value!r:.60}, which is no number")
    if not math.isfinite(value) or not 0 <= value <= 1:
        return Opinion(value=None, problem=f"the judge gave {value!r:.60}, which is not in 0 to 1")
    cut = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}\u2026"
    return Opinion(value=float(value), explanation=cut)


def score_of(opinions: Sequence[Opinion], *, target: str) -> Score:
    """The median of the opinions; no value where fewer than half of them can be used."""
    samples = tuple(one.value for one in opinions)
    usable = [one for one in opinions if one.value is not None]
    if not usable or len(usable) < math.ceil(len(opinions) / 2):
        problem = next((one.problem for one in opinions if one.problem), "no judge was asked")
        few = f"{len(usable)} of {len(opinions)} judgings can be used: "
        detail = f"{few if usable else ''}{problem}"
        run = all(one.run for one in opinions)
        return Score(value=None, samples=samples, target=target, problem=detail, run=run)
    middle = median(value for value in samples if value is not None)
    nearest = min(usable, key=lambda one: abs((one.value or 0.0) - middle))
    return Score(value=middle, explanation=nearest.explanation, samples=samples, target=target)
