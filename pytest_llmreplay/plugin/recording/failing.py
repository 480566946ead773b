"""What fails a test for the sake of its cassette, and what is said with a failure."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llmreplay.capture.tape import Decision, RawRequest
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.tape import CassetteTape
from pytest_llmreplay.plugin.failures import LlmFailure, as_failure, unforeseen
from pytest_llmreplay.plugin.settings.setting_values import unused_word
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.providers.endpoints.calls import unknown_host
from pytest_llmreplay.report.cassettes.misses import MissTexts
from pytest_llmreplay.report.cassettes.recording import ANY_KEY_WILL_DO, unused_text

__all__ = ["Misses", "Readable", "UnusedEventsWarning", "complain", "key_notice"]

# "Missing credentials. Please pass an `api_key`" (openai), "Expected either api_key or auth_token
# to be set" (anthropic), "setting CO_API_KEY" (cohere), "No API key was provided" (google-genai)
_WANTS_KEY = re.compile(r"api[_ ]?key|credentials", re.IGNORECASE)


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


class Readable:
    """The tape of a cassette, parts of which are first read when a call wants them.

    Args:
        tape: Raises what is wrong with the file as an `Exception`, which SDKs retry and wrap.
    """

    def __init__(self, tape: CassetteTape) -> None:
        self._tape = tape

    @property
    def offline(self) -> bool:
        """Whether nothing goes live while this tape is open."""
        return self._tape.offline

    def route(self, request: RawRequest) -> Decision:
        """Let the tape decide; its failure is remembered, should the test hide it."""
        try:
            with as_failure():
                return self._tape.route(request)
        except LlmFailure as failure:
            self.note(failure)
            raise
        except Exception as error:
            stopped = unforeseen(request, error)
            self.note(stopped)
            raise stopped from error

    def note(self, failure: BaseException) -> None:
        """Remember a call that failed, should the test hide it."""
        self._tape.note(failure)


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


def key_notice(
    cassette: OpenCassette | None, error: pytest.ExceptionInfo[BaseException]
) -> list[str]:
    """What is said with the failure of a test before its first call.

    Args:
        cassette: Of the test.
        error: What it failed with.
    """
    if cassette is None or cassette.cassette is None or cassette.mode != "none" or cassette.called:
        return []
    wants_key = not error.errisinstance(AssertionError) and _WANTS_KEY.search(error.exconly())
    return [ANY_KEY_WILL_DO] if wants_key else []
