"""Which run recorded a shared cassette last, so that its other processes play."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pytest_llmreplay.cassette.places.own_directory import subdirectory, write_own

__all__ = ["RunMark"]


class RunMark:
    """A small file beside the lock of a cassette.

    Args:
        project: Where `.llmreplay` is.
        cassette: The cassette that several processes share.
    """

    def __init__(self, project: Path, cassette: Path) -> None:
        name = hashlib.sha256(os.fsencode(cassette)).hexdigest()[:24]
        self._path = subdirectory(project, "locks") / f"{name}.run"

    def is_of(self, run: str) -> bool:
        """Whether this very run recorded the cassette."""
        return self._path.is_file() and self._path.read_text(encoding="utf-8") == run

    def set(self, run: str) -> None:
        """Say that this run recorded it."""
        write_own(self._path, run)
