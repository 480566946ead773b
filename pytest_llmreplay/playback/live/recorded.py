"""A live call of a test, of which an event is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_raw
from pytest_llmreplay.cassette.partial.file import KeptEntry
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import Event
from pytest_llmreplay.playback.stamps.stamp import Stamp

from .entry_reader import call_of
from .live_event import event_of
from .recorder import LiveCall, retry_count

__all__ = ["Recorded"]


class Recorded:
    """A finished live call; while the test runs, nothing of it is kept in memory.

    Args:
        number: Place in the order of sending.
        read: Gives the line that was written of it.
        rules: What counts when calls are matched.
        redactor: Takes its secrets out.
    """

    def __init__(
        self, number: int, read: Callable[[], KeptEntry], rules: MatchRules, redactor: Redactor
    ) -> None:
        self.number = number
        self._read, self._rules, self._redactor = read, rules, redactor

    @cached_property
    def _call(self) -> tuple[LiveCall, Stamp]:
        call, stamp = call_of(self._read())
        return replace(call, number=self.number), stamp

    @cached_property
    def event(self) -> Event:
        """The event of the call, redacted."""
        return event_of(*self._call, self._redactor)

    @cached_property
    def key(self) -> str:
        """Rules fingerprint and match key."""
        raw = self._call[0].request
        key = key_of_raw(raw.method, raw.url, raw.content, self._rules, self._redactor)
        return f"{self._rules.fingerprint}:{key}"

    @cached_property
    def retry(self) -> int:
        """How often the SDK had sent the same call before."""
        return retry_count(self._call[0].request)
