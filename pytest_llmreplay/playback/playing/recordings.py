"""The recorded events that answer the calls of a test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.cassette.record_mode import RecordMode

from .call_keys import CallKeys
from .source import Source

__all__ = ["Played", "Recordings"]


@dataclass(slots=True, kw_only=True)
class Played:
    """A call that was answered from a recording."""

    number: int
    """Place in the order of sending."""
    place: int
    """Place among the documents of the file."""
    from_partial: bool
    """Whether the recording was kept of an earlier run that failed."""


class Recordings:
    """The events of a cassette, and those that an earlier failed recording of its test kept.

    Args:
        cassette: Asked first.
        partial: Asked for what the cassette does not hold.
        mode: Nothing is played in mode `all`.
    """

    def __init__(self, cassette: Source, partial: Source, mode: RecordMode) -> None:
        self.cassette, self.partial = cassette, partial
        asked = () if mode == "all" else (cassette, partial)
        self._asked = tuple(source for source in asked if source.finder.slots)
        self.can_play = bool(self._asked)
        """Whether there is any event that may be played."""

    def take(self, key: str, request: RawRequest, keys: CallKeys) -> tuple[Source, int] | None:
        """The source and place of the next event for a call, which no other call gets.

        Args:
            key: Of the call as it is sent.
            request: The call.
            keys: Makes its further keys, which are asked only when no event has the first.
        """
        otherwise = partial(keys.stored, request)
        for source in self._asked:
            place = source.finder.take(key, otherwise)
            if place is not None:
                return source, place
        if not self._asked:
            return None
        inexact = keys.inexact(request)
        places = ((source, source.finder.take_alike(inexact)) for source in self._asked)
        return next(((source, place) for source, place in places if place is not None), None)

    def source(self, *, from_partial: bool) -> Source:
        """The source that a call was played from."""
        return self.partial if from_partial else self.cassette

    def document(self, played: Played) -> EventDocument:
        """The event that answered a call."""
        return self.source(from_partial=played.from_partial).document(played.place)
