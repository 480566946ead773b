"""How much two texts have in common.

The figure is twice the length of their longest common subsequence over their lengths together:
rapidfuzz calls it normalized similarity of Indel, and computes it where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .differences import edges

__all__ = ["TooLong", "similarity"]

_LONGEST = 50_000
"""Characters in which two texts may differ: the time grows with the square of their number."""


class TooLong(ValueError):
    """The texts differ in more characters than can be compared in a moment."""


def similarity(one: str, other: str) -> float:
    """From 0, nothing in common, to 1, equal; two empty texts are equal.

    Raises:
        TooLong: They differ in more than 50,000 characters.
    """
    whole = len(one) + len(other)
    if one == other:
        return 1.0
    _, left, right, _ = edges(one, other)
    if max(len(left), len(right)) > _LONGEST:
        raise TooLong
    return 1 - (len(left) + len(right) - 2 * _common(str(left), str(right))) / whole


def _common(one: str, other: str) -> int:
    """Length of the longest common subsequence."""
    if not one or not other:
        return 0
    return _length()(one, other)


@cache
def _length() -> Callable[[str, str], int]:
    """What computes it on this machine; a library that is missing is looked for once."""
    try:
        from rapidfuzz.distance import LCSseq  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return _subsequence
    return lambda one, other: int(LCSseq.similarity(one, other))


def _subsequence(one: str, other: str) -> int:
    """Length of the longest common subsequence, with one bit of a number for each character.

    H. Hyyrö, Bit-parallel LCS-length computation revisited, 2004:
    https://www.researchgate.net/publication/2908743
    """
    places: dict[str, int] = {}
    for place, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    place_of = places.get
    for character in other:
        found = row & place_of(character, 0)
        row = ((row + found) | (row - found)) & full
    return len(one) - row.bit_count()
