"""Live calls of a test, of which events are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header, header_text
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_raw
from pytest_llmreplay.cassette.partial.file import KeptEntry, read_partial
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.event import Event
from pytest_llmreplay.playback.stamps.stamp import Stamp

from .entry_reader import call_of
from .live_event import event_of
from .recorder import LiveCall, retry_count

__all__ = ["Recorded", "kept_earlier"]


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


def kept_earlier(
    path: Path, header: Header, rules: MatchRules, redactor: Redactor
) -> Cassette | None:
    """What a partial file holds, in the order of sending; none where it holds no call.

    Raises:
        CassetteDamaged: A line of it is whole and yet no call.
        CassetteTooNew: Another version of this package wrote it.
    """
    entries = sorted(read_partial(path).entries, key=_sent)
    if not entries:
        return None
    texts = [header_text(header)]
    for number, entry in enumerate(entries, start=1):  # several runs may have left calls
        one = Recorded(number, entry.read, rules, redactor)
        texts.append(event_text(one.event, header=header, key=one.key))
    return Cassette.of("".join(texts).encode(), path=path)


def _sent(entry: KeptEntry) -> tuple[float, int]:
    call, _ = call_of(entry)
    return call.sent, call.number
