"""Cassettes that a replay has open: few at a time, whatever their number."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette

__all__ = ["open_cassette"]

_MOST = 64
"""More than the cassettes that calls in flight and their results belong to, in most runs."""


@lru_cache(maxsize=_MOST)
def open_cassette(path: Path) -> Cassette:
    """The cassette of a path; opened again when it was not used for long.

    Raises:
        CassetteError: It cannot be read.
    """
    return Cassette.load(path)
