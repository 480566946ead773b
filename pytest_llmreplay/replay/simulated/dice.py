"""Chance that falls the same way on every machine, in every Python and in any order of calls."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Dice"]

T = TypeVar("T")


class Dice:
    """A row of throws that a text decides.

    `random.Random` promises the same floats for a seed, but not the same choices.

    Args:
        seed: Equal texts give equal throws.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._throws = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        self._throws += 1
        text = f"{self._throws}:{self._seed}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") % limit

    def choose(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def letters(self, count: int, alphabet: str) -> str:
        """As many letters as asked for, drawn from an alphabet."""
        return "".join(self.choose(alphabet) for _ in range(count))
