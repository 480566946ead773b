"""Cutting a stream into its pieces: what is the same for every kind of stream."""

from __future__ import annotations

from abc import ABC, abstractmethod

__all__ = ["Splitter"]


class Splitter(ABC):
    """Cuts a stream into its pieces as its bytes arrive; joined, they are the stream again."""

    def __init__(self) -> None:
        self._pending = bytearray()

    @abstractmethod
    def feed(self, data: bytes) -> list[bytes]:
        """The pieces that these bytes complete."""

    def close(self) -> list[bytes]:
        """What is left when the stream ends: an unfinished piece, or nothing."""
        rest = bytes(self._pending)
        self._pending.clear()
        return [rest] if rest else []
