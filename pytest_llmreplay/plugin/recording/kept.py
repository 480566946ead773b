"""What is said of where recorded calls are: in no cassette yet, or in no project."""

from __future__ import annotations

from pathlib import Path

from pytest_llmreplay.cassette.partial.file import PARTIAL
from pytest_llmreplay.cassette.partial.unfinished import Unfinished, unfinished
from pytest_llmreplay.cassette.places.naming import project_or_none
from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY
from pytest_llmreplay.cassette.places.twins import twins_of
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.plugin.as_typed import record_command, relative
from pytest_llmreplay.report.cassettes.recording import (
    all_failed_text,
    homeless_text,
    kept_text,
    left_text,
    named_secret_text,
    twin_text,
)

__all__ = ["homeless", "kept_notice", "left_behind", "named_secrets", "twins"]

_MOST = 3


def kept_notice(cassette: OpenCassette | None, here: Path) -> list[str]:
    """What is said of a recording that did not become a cassette."""
    if cassette is None or not cassette.recorded:
        return []
    existed = cassette.cassette is not None
    if not cassette.worth_keeping:
        return [all_failed_text(existed=existed)]
    place = relative(cassette.partial, here)
    return [kept_text(place, len(cassette.recorded), existed=existed)]


def homeless(cassette: OpenCassette, here: Path) -> list[str]:
    """What is said of a recording whose place depends on where pytest is started."""
    place = cassette.place
    known = not cassette.recorded or project_or_none(place.path) is not None
    return [] if known else [homeless_text(relative(place.root, here))]


def named_secrets(cassette: OpenCassette | None) -> list[str]:
    """What is said of answers that the test got otherwise than it will in playback."""
    if cassette is None:
        return []
    found = cassette.named_secrets.items()
    return [named_secret_text(cassette.place.shown, name, hashed) for hashed, name in found]


def twins(cassette: OpenCassette, here: Path) -> list[str]:
    """What is said of a recording that another machine takes for another one."""
    place = cassette.place
    found = twins_of(place.path, place.root) if cassette.recorded else []
    return [f"{place.shown} {twin_text(relative(twin, here))}" for twin in found]


def left_behind(project: Path, here: Path, *, records: bool) -> list[str]:
    """A sentence for each partial file of an earlier run that was killed or has failed.

    Args:
        project: Where they are.
        here: Where pytest was started.
        records: Whether this run takes over what it can, so that the next one tells the rest.
    """
    found = [
        file for file in unfinished(project) if file.events is None or (file.events and not records)
    ]
    lines = [_sentence(file, project, here) for file in found[:_MOST]]
    if len(found) > _MOST:
        where = relative(project / OWN_DIRECTORY / PARTIAL, here)
        lines.append(f"and {len(found) - _MOST} more in {where}")
    return lines


def _sentence(file: Unfinished, project: Path, here: Path) -> str:
    command = record_command(file.test, project, here) if file.test else "--llm-record"
    return left_text(relative(file.path, here), file.events, command)
