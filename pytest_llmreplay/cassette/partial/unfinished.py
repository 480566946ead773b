"""Recordings that were killed or have failed, and left their calls in a partial file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pytest_llmreplay.cassette.places.locks import lock_at_once
from pytest_llmreplay.cassette.places.naming import SUFFIX, recorded_by
from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY
from pytest_llmreplay.errors import CassetteTooNew

from .file import PARTIAL, PARTIAL_SUFFIX, counted

__all__ = ["Unfinished", "unfinished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A partial file that no living process is writing."""

    path: Path
    test: str | None
    """Node id of the test that was being recorded."""
    events: int | None
    """None where this version cannot read it."""


def unfinished(project: Path) -> list[Unfinished]:
    """Partial files that earlier runs left behind, those of other versions of ours included."""
    directory = project / OWN_DIRECTORY / PARTIAL
    if not directory.is_dir():
        return []
    endings = {PARTIAL_SUFFIX, SUFFIX}
    paths = (path for path in directory.rglob("*") if path.suffix in endings and path.is_file())
    found = (_unfinished(path) for path in sorted(paths))
    return [each for each in found if each is not None]


def _unfinished(path: Path) -> Unfinished | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not lock_at_once(descriptor):
            return None
    finally:
        os.close(descriptor)
    if path.suffix == SUFFIX:  # as partial files were before they were lines of JSON
        return Unfinished(path=path, test=recorded_by(path), events=None)
    try:
        test, events = counted(path)
    except CassetteTooNew:
        return Unfinished(path=path, test=None, events=None)
    except OSError:
        return None
    return Unfinished(path=path, test=test, events=events)
