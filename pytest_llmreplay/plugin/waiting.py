"""Says that a target makes a run wait, which looks like a hang to whoever watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

__all__ = ["Waiting"]

_SILENCE = 10.0
"""Seconds without an answer that nobody is told about."""
_AGAIN = 60.0
"""Seconds until the same is worth saying again."""


class Waiting:
    """Is told again and again, while somebody waits for an answer.

    Args:
        tell: Prints lines.
    """

    def __init__(
        self, tell: Callable[[Iterable[str]], None], clock: Callable[[], float] = monotonic
    ) -> None:
        self._tell, self._clock = tell, clock
        self._told: dict[str, float] = {}

    def __call__(self, target: str, silence: float) -> None:
        """Say it, where it takes long and was not said just now.

        Args:
            target: Who asks to wait.
            silence: Seconds for which it has done nothing else.
        """
        now = self._clock()
        if silence < _SILENCE or now - self._told.get(target, float("-inf")) < _AGAIN:
            return
        self._told[target] = now
        said = f"{target} has answered nothing for {silence:.0f} s but to wait (HTTP 429 or 529)"
        self._tell(
            [f"{said}: after 600 s that is an error; Ctrl-C stops, --llm-resume goes on from there"]
        )
