"""Did the answers change at all? For a recorded model that can no longer be asked."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from .shuffles import Chance, lower_tail

__all__ = ["rotation"]

_SLACK = 1e-9


def rotation(agreements: Sequence[Sequence[Sequence[float]]], *, seed: str = "") -> float:
    """How often the recording agrees this little with the new answers when it is one like them.

    Each answer in turn plays the recording. A target that only differs less from itself than the
    recorded model did looks changed as well, so this decides nothing by itself.

    Args:
        agreements: Of each event, the agreement of every answer with every other one, as a square
            that is the same both ways; the recording is the first. Events of fewer than three
            answers say nothing.
        seed: Of the draws.
    """
    events = [_means(square) for square in agreements if len(square) > 2]  # noqa: PLR2004
    parts = [_chance(means) for means in events]
    return lower_tail(parts, sum(means[0] for means in events), seed=seed, slack=_SLACK)


def _means(square: Sequence[Sequence[float]]) -> list[float]:
    return [(sum(row) - row[place]) / (len(row) - 1) for place, row in enumerate(square)]


def _chance(means: Sequence[float]) -> Chance:
    def draw(lot: Random, count: int) -> list[float]:
        return lot.choices(means, k=count)

    return Chance(ways=len(means), every=lambda: means, draw=draw)
