"""Calls that were played though they were recorded under another version of their API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.playing.api_versions import OtherVersion
from pytest_llmreplay.plugin.failures import LlmFailure
from pytest_llmreplay.report.cassettes.recording import other_version_text

__all__ = ["OtherApiVersionWarning", "OtherVersions"]


class OtherApiVersionWarning(pytest.PytestWarning):
    """A call was played that was recorded under another version of its API."""


class OtherVersions:
    """Warns of each other version once in a run."""

    def __init__(self) -> None:
        self._told: set[OtherVersion] = set()

    def tell(self, cassette: OpenCassette, warn: Callable[[Warning], None]) -> None:
        """Warn of those that the calls of a test or fixture have shown.

        Args:
            cassette: What they were played from.
            warn: Issues a warning.
        """
        for other in cassette.tape.versions.others:
            if other not in self._told:
                self._told.add(other)
                _warn(other_version_text(other.name, other.recorded, other.sent), warn)


def _warn(text: str, warn: Callable[[Warning], None]) -> None:
    try:
        warn(OtherApiVersionWarning(text))
    except OtherApiVersionWarning:  # warnings are errors in this run
        raise LlmFailure(text) from None
