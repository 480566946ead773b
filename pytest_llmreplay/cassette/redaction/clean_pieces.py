"""What was looked at and found without secrets is not looked at again.

An agent sends its whole history with every call, and tools, names of fields and system prompts are
the same in all of them. Between two quotation marks a text is clean or not, whatever stands around
it: no sign of a secret holds one (`tests/cassette/test_cassette_folded.py` tries it).
"""

from __future__ import annotations

__all__ = ["CleanPieces"]

_QUOTE = b'"'
_MOST = 16 * 1024 * 1024
"""Bytes to remember; then all is forgotten."""


class CleanPieces:
    """The texts between quotation marks that hold no secret."""

    def __init__(self) -> None:
        self._clean: set[bytes] = set()
        self._size = 0

    def others(self, data: bytes) -> set[bytes]:
        """The pieces of a text that are not known to be clean."""
        return set(data.split(_QUOTE)) - self._clean

    def remember(self, pieces: set[bytes]) -> None:
        """These hold no secret."""
        self._size += sum(map(len, pieces))
        if self._size > _MOST:
            self._clean, self._size = set(), 0
        else:
            self._clean |= pieces
