"""What is said of a noise floor: why there is none, where one is kept, how noisy each check is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.report.text.layout import wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

from .figures import score, share

__all__ = ["NEVER", "FloorView", "calibrated_lines", "reasons"]

NEVER = "never calibrated"
"""The reason of an event that nobody asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorView:
    """What is known of the recorded model, and what it would take to know more."""

    missing: tuple[tuple[str, int], ...] = ()
    """Why events have no noise floor, with their number."""
    oldest: str | None = None
    """Day of the oldest calibration."""
    calls: int = 0
    """Calls that `--llm-calibrate` makes for these events."""
    cost: float | None = None
    """USD of these calls; none where it is unknown."""
    anew: str | None = None
    """Options that measure answers which are kept by the checks of now."""


def calibrated_lines(
    events: int, held: Mapping[str, Sequence[float]], place: str, width: int
) -> list[str]:
    """Where the noise floor is, what it is for, and how noisy each check is.

    Args:
        events: That were calibrated.
        held: By check, 1 for each answer that it holds for, else 0; of a judge the scores.
        place: The file.
        width: Columns.
    """
    lines = wrapped(
        f"noise floor of {many(events, 'event')} kept in {safe_line(place)}: "
        "--llm-gate run compares with it",
        width,
    )
    for check, scores in held.items():
        lines += wrapped(f"  {safe_line(check)} {_found(scores)}", width, indent="  ")
    return finished(lines)


def _found(scores: Sequence[float]) -> str:
    mean, answers = sum(scores) / len(scores), many(len(scores), "answer")
    if set(scores) <= {0, 1}:
        return f"held in {share(mean)} of {answers}"
    return f"scored {score(mean)} over {answers}"


def reasons(floor: FloorView) -> str:
    """Why events have no noise floor: `30 never calibrated, 2 damaged`."""
    return ", ".join(f"{count:,} {safe_line(reason)}" for reason, count in floor.missing)
