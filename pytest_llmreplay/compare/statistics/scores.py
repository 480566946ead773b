"""What was measured of each event, and what stands for what could not be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, TypeGuard

__all__ = [
    "EventScores",
    "Filling",
    "KnownScores",
    "Sides",
    "filled",
    "is_measured",
    "known_scores",
    "mean",
    "measured",
    "seed_of",
    "spread",
]

Filling = Literal["worst", "best", "likely"]
"""What stands for a sample of the target that could not be measured.

* worst: 0, so that no gap helps to prove that nothing is wrong.
* best: 1, so that no gap helps to prove that something is.
* likely: the mean of the event's other samples; where there are none, of its calibration.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventScores:
    """The scores of one event: 1 where a check holds, 0 where it does not, or a grade between.

    `None`, and whatever is no number from 0 to 1, was not measured.
    """

    key: str
    session: str
    calibration: tuple[float | None, ...] = ()
    """The recorded model asked again, one score per sample."""
    target: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownScores:
    """Measured scores of one event, from 0 to 1; None where the target has a gap."""

    key: str
    session: str
    calibration: tuple[float, ...]
    target: tuple[float | None, ...]

    @property
    def gaps(self) -> int:
        """Samples of the target that could not be measured."""
        return self.target.count(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides of an event, or of a session that is one, without gaps."""

    key: str
    session: str
    calibration: tuple[float, ...]
    target: tuple[float, ...]
    weight: float = 1
    """How many events it stands for."""

    @property
    def change(self) -> float:
        """Mean of the target less mean of the calibration; below 0 is worse."""
        return mean(self.target) - mean(self.calibration)


def mean(values: Sequence[float]) -> float:
    """The mean; exact where all values are alike."""
    return sum(values) / len(values)


def spread(values: Sequence[float]) -> float:
    """The variance, with the divisor of a sample."""
    middle = mean(values)
    return sum([(value - middle) ** 2 for value in values]) / (len(values) - 1)


def is_measured(score: float | None) -> TypeGuard[float]:
    """Whether a score is a number from 0 to 1, which NaN is not."""
    return score is not None and 0 <= score <= 1


def measured(scores: Iterable[float | None]) -> tuple[float, ...]:
    """The scores that were measured."""
    return tuple(filter(is_measured, scores))


def known_scores(event: EventScores) -> KnownScores:
    """What was measured of an event; gaps of its calibration are left out."""
    return KnownScores(
        key=event.key,
        session=event.session,
        calibration=measured(event.calibration),
        target=tuple([score if is_measured(score) else None for score in event.target]),
    )


def filled(event: KnownScores, filling: Filling) -> Sides:
    """An event, calibrated and with a sample at least, whose gaps are filled."""
    answers = tuple([score for score in event.target if score is not None])
    if len(answers) < len(event.target):
        likely = mean(answers or event.calibration)
        stand_in = {"worst": 0.0, "best": 1.0, "likely": likely}[filling]
        answers = tuple(stand_in if score is None else score for score in event.target)
    return Sides(
        key=event.key, session=event.session, calibration=event.calibration, target=answers
    )


def seed_of(keys: Iterable[str], metric: str) -> str:
    """The seed of all draws: the same events and the same question are drawn alike."""
    return sha256("\n".join([*sorted(keys), metric]).encode("utf-8", "surrogatepass")).hexdigest()
