"""Cassettes that a replay has open: few at a time, whatever their number."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.places.roots import bytes_found
from pytest_llmreplay.errors import CassetteError

__all__ = ["Shelf"]

_MOST = 64
"""More than the cassettes that calls in flight and their results belong to, in most runs."""


class Shelf:
    """Opens cassettes, again when they were not used for long."""

    def __init__(self) -> None:
        self._stamps: dict[Path, tuple[int, int]] = {}
        self.open = lru_cache(maxsize=_MOST)(self._load)

    def _load(self, path: Path) -> Cassette:
        """The cassette of a path.

        Raises:
            CassetteError: It cannot be read, or is not the one that was collected.
        """
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if self._stamps.setdefault(path, stamp) != stamp:
                raise CassetteError(f"{path}: changed while it was replayed; start again")
        except OSError as error:
            raise CassetteError(f"cannot be read: {error.strerror}", path=path) from None
        return Cassette.of(bytes_found(path), path=path)
