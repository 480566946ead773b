"""Events that a passing test did not play."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.report.recording import unused_text

from .failures import LlmFailure
from .settings import Unused

__all__ = ["UnusedEventsWarning", "complain"]


class UnusedEventsWarning(pytest.PytestWarning):
    """A passing test did not play every event of its cassette."""


def complain(cassette: OpenCassette, how: Unused, warn: Callable[[Warning], None]) -> None:
    """Fail or warn when events were left, as the user wants it.

    Args:
        cassette: Of the test or fixture that has passed.
        how: What `--llm-unused` says.
        warn: Issues a warning.
    """
    unused = [] if how == "ignore" else cassette.unused()
    if not unused:
        return
    text = unused_text(cassette.place.shown, unused, cassette.total, cassette.place.record)
    if how == "fail":
        raise LlmFailure(text)
    try:
        warn(UnusedEventsWarning(text))
    except UnusedEventsWarning:  # warnings are errors in this run
        raise LlmFailure(text) from None
