"""The cassette beside a re-routed test: plays what no target is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property

from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.plugin.uses import MARKER

__all__ = ["Recordings"]


class Recordings:
    """The cassette of one test or fixture, opened when it is first wanted.

    Args:
        opening: Opens it in mode `none`; gives none where there is no cassette.
    """

    def __init__(self, opening: Callable[[], OpenCassette | None]) -> None:
        self._opening = opening
        self._lock = threading.Lock()

    def play(self, request: RawRequest) -> Playback | None:
        """The recorded answer of a call; none where there is none."""
        with self._lock:
            return None if self._cassette is None else self._cassette.tape.play(request)

    @property
    def advice(self) -> str:
        """What to do about a call that was not found."""
        if self._cassette is None:
            return f"record it in a test with @pytest.mark.{MARKER} (pytest --llm-record)"
        place = self._cassette.place
        return f"{place.shown} does not hold it, {place.record} records it"

    @cached_property
    def _cassette(self) -> OpenCassette | None:
        return self._opening()
