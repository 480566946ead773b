"""Figures of a verdict as people say them: points, shares, how rare, what broke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor

from pytest_llmreplay.compare.figures.numbers import MINUS
from pytest_llmreplay.compare.statistics.changed import MOST_LISTED, ChangedEvent
from pytest_llmreplay.report.text.layout import wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = [
    "GLUE",
    "broke",
    "broken",
    "digits_for",
    "listed",
    "paragraph",
    "points",
    "rare",
    "score",
    "share",
    "signed",
]

_SHOWN = 3
_RAREST = 10_000
_MOST_DIGITS = 3
_ROUNDING = 1e-9
GLUE = "\ue000"
"""Holds what belongs together, as a number and its sign of per cent, while lines are broken."""


def paragraph(sentences: Iterable[str], width: int, *, indent: str = "") -> list[str]:
    """Sentences as lines that leave this stage."""
    text = " ".join(sentences).replace(" %", f"{GLUE}%")
    return finished(line.replace(GLUE, " ") for line in wrapped(text, width, indent=indent))


def points(value: float, digits: int = 1) -> str:
    """Hundredths, `4` or `8.5`."""
    shown = f"{100 * value:.{digits}f}"
    return shown.rstrip("0").rstrip(".") if digits else shown


def signed(value: float, digits: int) -> str:
    """Points with their sign; 0 has none."""
    shown = points(abs(value), digits)
    if not float(shown):
        return shown
    return f"{'+' if value > 0 else MINUS}{shown}"


def digits_for(values: Iterable[float], margin: float) -> int:
    """As few digits as show on which side of the margin each value lies, and the margin itself."""
    shown = [margin, *(abs(value) for value in values)]
    for digits in range(_MOST_DIGITS):
        edge = round(100 * margin, digits)
        if abs(edge - 100 * margin) < _ROUNDING and not any(
            round(100 * value, digits) == edge and abs(value - margin) > _ROUNDING
            for value in shown
        ):
            return digits
    return _MOST_DIGITS


def share(value: float | None) -> str:
    """Per cent; never all or none unless it is."""
    percent = round(100 * (value or 0))
    if value is not None and 0 < value < 1:
        percent = min(99, max(1, percent))
    return f"{percent} %"


def score(value: float | None) -> str:
    """A mean of scores."""
    return f"{value or 0:.2f}"


def rare(p: float | None) -> str:
    """Of how many runs it is one."""
    times = floor(1 / p + _ROUNDING) if p else _RAREST
    return f"about 1 of {times:,}" if times < _RAREST else f"fewer than 1 of {_RAREST:,}"


def broken(events: Sequence[ChangedEvent], *, graded: bool) -> str:
    """`0007 (10 of 10 → 0 of 3), …`; of scores `0007 (0.90 → 0.25), …`."""
    least = "at least " if len(events) >= MOST_LISTED else ""
    shown = (
        f"{safe_line(one.key)} ({_before_and_after(one, graded=graded)})" for one in events[:_SHOWN]
    )
    return _first(shown, len(events), least)


def broke(event: ChangedEvent, *, graded: bool) -> str:
    """`0007 broke: 10 of 10 → 0 of 5`."""
    return f"{safe_line(event.key)} broke: {_before_and_after(event, graded=graded)}"


def listed(keys: Sequence[str]) -> str:
    """The first keys, and how many more there are."""
    return _first(map(safe_line, keys[:_SHOWN]), len(keys))


def _first(shown: Iterable[str], every: int, least: str = "") -> str:
    more = f" and {least}{every - _SHOWN:,} more" if every > _SHOWN else ""
    return ", ".join(shown) + more


def _before_and_after(event: ChangedEvent, *, graded: bool) -> str:
    if graded:
        return f"{score(event.calibration_mean)} → {score(event.target_mean)}"
    then = _of(event.calibration_mean, event.calibration_samples)
    now = _of(event.target_mean, event.samples)
    return f"{then} → {now}"


def _of(mean: float, samples: int) -> str:
    count = mean * samples
    if abs(count - round(count)) > _ROUNDING:
        return score(mean)
    return f"{round(count)} of {samples}"
