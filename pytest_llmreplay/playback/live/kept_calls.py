"""The calls that an earlier, unfinished recording kept, as a cassette that can be played."""

from __future__ import annotations

from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header, header_text
from pytest_llmreplay.cassette.documents.layout import event_text
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.partial.file import KeptEntry, read_partial
from pytest_llmreplay.cassette.redaction.redactor import Redactor

from .entry_reader import call_of
from .recorded import Recorded

__all__ = ["kept_earlier"]


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
