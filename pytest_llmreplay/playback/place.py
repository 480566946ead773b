"""Where a cassette is, and how messages name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a cassette is."""

    path: Path
    root: Path
    """The project: the file never leaves it, and `.llmreplay` is there, wherever pytest starts."""
    shown: str
    """The path as messages show it."""
    record: str
    """The command that records it."""
