"""Events that a passing test did not play."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.plugin.failures import LlmFailure
from pytest_llmreplay.plugin.settings.setting_values import unused_word
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.providers.endpoints.calls import unknown_host
from pytest_llmreplay.report.cassettes.recording import unused_text

__all__ = ["UnusedEventsWarning", "complain"]


class UnusedEventsWarning(pytest.PytestWarning):
    """A passing test did not play every event of its cassette."""


def complain(cassette: OpenCassette, settings: Settings, warn: Callable[[Warning], None]) -> None:
    """Fail or warn when events were left, as `--llm-unused` says.

    Args:
        cassette: Of the test or fixture that has passed.
        settings: Of the user.
        warn: Issues a warning.
    """
    how = unused_word(settings.projects.of(cassette.place.root).unused)
    unused = [] if how == "ignore" else cassette.unused()
    if not unused:
        return
    place, hosts = cassette.place, settings.hosts
    asked = [event.exchange.request for event in unused]
    unknown = [unknown_host(one.method, one.url, hosts=hosts) for one in asked]
    text = unused_text(
        place.shown,
        [event.label for event in unused],
        cassette.total,
        place.record,
        unknown_hosts=[*filter(None, unknown)],
    )
    if how == "fail":
        raise LlmFailure(text)
    try:
        warn(UnusedEventsWarning(text))
    except UnusedEventsWarning:  # warnings are errors in this run
        raise LlmFailure(text) from None
