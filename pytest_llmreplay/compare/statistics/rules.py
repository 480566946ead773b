"""What is asked of a run, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .changed import ChangedEvent

__all__ = [
    "FEWEST_SESSIONS",
    "RULES",
    "GateRules",
    "Look",
    "Outcome",
    "Preferred",
    "Reason",
    "Scope",
    "Verdict",
    "at_most",
]

Outcome = Literal["ok", "regression", "inconclusive"]
"""What came of a run.

* ok: a drop as large as the margin is ruled out.
* regression: it is worse, by the margin or more.
* inconclusive: neither is shown, which is never a pass.
"""

Reason = Literal[
    "too_few",
    "too_few_sessions",
    "small_real_drop",
    "no_noise_floor",
    "not_measured",
    "local_break",
    "not_confirmed",
]
"""Why a run decides nothing.

* too_few: the change is not known well enough.
* too_few_sessions: the scope is sessions, and these are too few to speak for others.
* small_real_drop: it is worse, but perhaps by less than the margin.
* no_noise_floor: nobody knows how often the recorded model differs from itself.
* not_measured: with the samples that could not be measured it might be decided.
* local_break: fine on average, but one event broke.
* not_confirmed: fresh answers of the recorded model did not bear the regression out.
"""

Scope = Literal["events", "sessions"]
"""What a verdict speaks about: these recorded events, or sessions like these."""

FEWEST_SESSIONS = 5
"""With fewer, chance alone looks as bad as any regression in more than 1 of 20 runs."""
_ROUNDING = 1e-12


def at_most(p: float, level: float) -> bool:
    """Whether luck alone is rare enough; rounding never decides."""
    return p <= level + _ROUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """How a run is judged.

    Raises:
        ValueError: A margin that is not between 0 and 1, an alpha that is not between 0 and a
            half, or a schedule that does not rise.
    """

    margin: float = 0.05
    """The smallest drop that matters."""
    alpha: float = 0.05
    """How often an unchanged model may be called worse; per side of every interval too."""
    scope: Scope = "events"
    schedule: tuple[int, ...] | None = None
    """Samples per event after which the run is judged, as 1, 2, 3, 5; else once, at the end."""
    free_running: bool = False
    """Whether a sample is one pass through a session, its history the target's own answers."""

    def __post_init__(self) -> None:
        if not 0 < self.margin < 1:
            raise ValueError(f"margin is {self.margin!r}; it must lie between 0 and 1")
        if not 0 < self.alpha < 0.5:  # noqa: PLR2004 - beyond it a coin is the better judge
            raise ValueError(f"alpha is {self.alpha!r}; it must lie between 0 and 0.5")
        counts = (0, *(self.schedule or (1,)))
        if any(now <= before for before, now in pairwise(counts)):
            raise ValueError(f"schedule is {self.schedule!r}; it must rise, as in 1, 2, 3, 5")


RULES = GateRules()
"""Where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a run that is judged more often than once."""

    samples: int
    """Per event so far."""
    time: float
    """Share of the information that the last look will have."""
    regression: float
    """The level at which this look may call the target worse."""
    ok: float
    """The level, per side, of the interval of this look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """How comparisons with answers of the recorded model itself came out."""

    won: int
    """The target's answer was preferred."""
    lost: int
    tied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run says about one metric of one target."""

    metric: str
    outcome: Outcome
    reason: Reason | None = None
    """Why it is inconclusive."""
    scope: Scope = "events"
    graded: bool = False
    """Whether any score is neither 0 nor 1."""
    preferred: Preferred | None = None
    """Where a judge compared answers in pairs; the means are then shares of what was preferred."""
    events: int
    """Judged events."""
    sessions: int
    samples: int
    """Most samples of the target per event."""
    calibration_samples: int
    """Most scores of the calibration per event; 0 where there is none."""
    fresh_answers: int | None = None
    """Answers of the recorded model, or comparisons with such, that were measured when a regression
    was to be confirmed; none where it was not asked."""
    answers: int
    """Measured samples of the target."""
    not_measured: int
    """Samples of the target that could not be."""
    left_out: tuple[str, ...] = ()
    """Keys of events without a calibration."""
    calibration_mean: float | None = None
    target_mean: float | None = None
    change: float | None = None
    """Target less calibration, each event counted once; below 0 is worse."""
    low: float | None = None
    high: float | None = None
    """The interval of the change, at `level` per side."""
    level: float
    margin: float
    alpha: float
    regression_level: float
    """The level that `p` is held against."""
    p: float | None = None
    """How often an unchanged model looks this bad, in the chosen scope."""
    p_events: float | None = None
    p_sessions: float | None = None
    adjusted_p: float | None = None
    """`p` where it is one of several questions."""
    smallest_drop: float | None = None
    """A drop that a run of this size sees at least 8 times in 10."""
    changed: tuple[ChangedEvent, ...] = ()
    """Events that got worse, most surely first; at most ten."""
    look: int = 1
    """Which look this is, counted from 1."""
    looks: tuple[Look, ...] = ()
    """All looks that were planned, where there are several."""
    seed: str = ""
