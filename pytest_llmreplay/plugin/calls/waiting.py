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
        patience: Seconds of it after which a call is an error.
    """

    def __init__(self, tell: Callable[[Iterable[str]], None], patience: float) -> None:
        self._tell, self._patience = tell, patience
        self._told: dict[str, float] = {}

    def __call__(self, target: str, silence: float) -> None:
        """Say it, where it takes long and was not said just now.

        Args:
            target: Who asks to wait.
            silence: Seconds for which it has done nothing else.
        """
        now = monotonic()
        if silence < _SILENCE or now - self._told.get(target, float("-inf")) < _AGAIN:
            return
        self._told[target] = now
        silent = f"{target} has answered nothing for {silence:.0f} s but to wait (HTTP 429 or 529)"
        end = f"after {self._patience:.0f} s that is an error"
        self._tell([f"{silent}: {end}; Ctrl-C stops, --llm-resume goes on from there"])
