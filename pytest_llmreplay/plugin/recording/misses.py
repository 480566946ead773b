"""Calls that are not in their cassette, as failures of their test."""

from __future__ import annotations

from pathlib import Path

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.plugin.failures import LlmFailure
from pytest_llmreplay.report.cassettes.misses import MissTexts

__all__ = ["Misses"]


class Misses:
    """Explains calls that are not in their cassette.

    Args:
        here: Where pytest was started.
        width: Columns of the terminal.
    """

    def __init__(self, here: Path, width: int) -> None:
        self._texts = MissTexts(here, width)

    def __call__(self, cassette: OpenCassette, raw: RawRequest, number: int) -> LlmFailure:
        """The failure of the call that is the `number`-th of its test."""
        return LlmFailure(self._texts(cassette, raw, number))
