"""The cassette of a running test: plays what it holds, records what it may, misses the rest."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pytest_llmreplay.capture.active import refusal
from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import FIRST_ERROR, Json, Session
from pytest_llmreplay.providers.endpoints.calls import is_llm_body

from .children import Children
from .recorder import CallRecorder, LiveCall, retry_count
from .source import Source
from .stamp import Stamp, stamp_of

__all__ = ["CassetteTape", "KeyOf", "Played"]

_ANOTHER_WAY = (
    "start the process by spawn or forkserver, or let it ask through the fixture llm_server"
)
_UNHEARD = (
    "an LLM call of a forked process cannot be recorded, as it has closed what it inherited and "
    f"nobody would learn of the call; {_ANOTHER_WAY}"
)
_OUTLIVED = (
    "LLM call of a process that has outlived its test\n"
    "It was forked while another cassette was open, and nothing was sent. Wait for its end where "
    f"it was started, or {_ANOTHER_WAY}."
)

_BROKEN_OFF = {"cut", "timeout"}
"""Ends of an answer after which an SDK that reads it whole asks again."""

KeyOf = Callable[[RawRequest], tuple[str, Json]]
StoredKeyOf = Callable[[RawRequest], str]


@dataclass(slots=True, kw_only=True)
class Played:
    """A call that was answered from a recording."""

    number: int
    """Place in the order of sending."""
    place: int
    """Place among the documents of the file."""
    from_partial: bool
    """Whether the recording was kept of an earlier run that failed."""


class CassetteTape:
    """Routes the LLM calls of one test.

    Args:
        cassette: Events of the cassette.
        partial: Events that an earlier failed recording of this test kept.
        mode: What to do with a call that the cassette does not hold.
        key_of: Match key of a call as it is sent, and its body where that is JSON.
        stored_key_of: Match key of a call as it is written, without secrets; asked only when no
            event has the first.
        alike_key_of: The same but for ids of tool calls; asked only when no event has either.
        prepare: Makes sure, before a live call is sent, that it can be kept; raises its failure.
        keep: Takes each finished live call, with its stamp.
        miss: Makes the exception for a call that is neither played nor recorded.
        session: The session the test declares.
        hosts: Further hosts of LLM calls.
        heard: Takes what forked processes tell that is not for the tape.
    """

    def __init__(
        self,
        *,
        cassette: Source,
        partial: Source,
        mode: RecordMode,
        key_of: KeyOf,
        stored_key_of: StoredKeyOf,
        alike_key_of: StoredKeyOf,
        prepare: Callable[[], None],
        keep: Callable[[LiveCall, Stamp], None],
        miss: Callable[[RawRequest, int], BaseException],
        session: Session,
        hosts: frozenset[str],
        heard: Callable[[Json], None],
    ) -> None:
        self._cassette, self._partial, self._mode = cassette, partial, mode
        self._key_of, self._miss, self._session = key_of, miss, session
        self._prepare, self._keep = prepare, keep
        self._stored_key_of, self._alike_key_of = stored_key_of, alike_key_of
        self._hosts, self._heard = hosts, heard
        asked = () if mode == "all" else (cassette, partial)
        self._sources = tuple(source for source in asked if source.finder.slots)
        self._numbers = itertools.count(1)
        self.children = Children(self._hear)
        self._open: dict[int, CallRecorder] = {}
        self._errors: dict[str, Playback] = {}
        self._latest: dict[str, Playback] = {}
        self.played: list[Played] = []
        self.misses: list[BaseException] = []

    @property
    def offline(self) -> bool:
        """Whether nothing goes live while this tape is open."""
        return self._mode == "none"

    @property
    def is_over(self) -> bool:
        """Whether this is a copy in a forked process, and the tape itself was closed."""
        if not self.children.am_one:
            return False
        self.hear_children()
        return self.children.over

    def route(self, request: RawRequest) -> Playback | CallRecorder | None:
        """Play the call, record it, or raise its miss; none where its body is no LLM call's."""
        if self.is_over:
            raise refusal(_OUTLIVED)
        key, body = self._key_of(request)
        if not is_llm_body(request.url, body, hosts=self._hosts):
            return None
        if self._sources:
            playback = self._play(key, request) or self._repeat(request, key)
            if playback is not None:
                return playback
        return self._record(request)

    def play(self, request: RawRequest) -> Playback | None:
        """Play the call as often as it is made, in the end its last recording; none without one."""
        key, _ = self._key_of(request)
        found = self._play(key, request) or self._latest.get(key)
        if found is not None:
            self._latest[key] = found
        return found

    def note(self, miss: BaseException) -> None:
        """Remember a call that failed here, should the test hide it."""
        if miss in self.misses:
            return
        self.misses.append(miss)
        if self.children.am_one:
            with self.children:
                self.children.tell({"missed": str(miss)})

    def hear_children(self) -> None:
        """Take over what forked children of the test have played, recorded and missed so far."""
        with self.children:
            pass

    def close(self) -> None:
        """End the calls that nobody read to the end."""
        for recorder in list(self._open.values()):
            recorder.finish("left")
        self.children.close()

    def _play(self, key: str, request: RawRequest) -> Playback | None:
        with self.children:
            taken = self._take(key, request)
            if taken is None:
                return None
            source, place = taken
            kept = self._note(source, place)
            self.children.tell({"played": place, "from_partial": kept})
        playback = source.playback(place, request.url)
        if playback.status >= FIRST_ERROR or playback.ended in _BROKEN_OFF:
            self._errors[key] = playback
        return playback

    def _take(self, key: str, request: RawRequest) -> tuple[Source, int] | None:
        """The source and place of the next event with the key of a call, else of one alike."""
        otherwise = partial(self._stored_key_of, request)
        for source in self._sources:
            place = source.finder.take(key, otherwise)
            if place is not None:
                return source, place
        if not self._sources:
            return None
        but_for_ids = self._alike_key_of(request)
        places = ((source, source.finder.take_alike(but_for_ids)) for source in self._sources)
        return next(((source, place) for source, place in places if place is not None), None)

    def _note(self, source: Source, place: int) -> bool:
        """Remember that the event at a place was played; whether an earlier run kept it."""
        kept = source is self._partial
        self.played.append(Played(number=next(self._numbers), place=place, from_partial=kept))
        return kept

    def _hear(self, word: Json) -> None:
        """Take over what another process has told."""
        match word:
            case {"missed": str(told)}:
                self.misses.append(refusal(told))
            case {"played": int(place), "from_partial": bool(kept)}:
                source = self._partial if kept else self._cassette
                source.finder.gone(place)
                self._note(source, place)
            case {"sent": True}:
                next(self._numbers)
            case _:
                self._heard(word)

    def _repeat(self, request: RawRequest, key: str) -> Playback | None:
        """The SDK tries an error again that was played as final: it gets the same once more."""
        if not self._errors or retry_count(request) == 0:
            return None
        return self._errors.get(key)

    def _record(self, request: RawRequest) -> CallRecorder:
        if self._mode == "none":
            raise self._missed(request, next(self._numbers))
        number = self._sent()
        self._prepare()
        stamp = stamp_of(request.headers, self._session)

        def keep(call: LiveCall) -> None:
            self._open.pop(number, None)
            self._keep(call, stamp)

        recorder = CallRecorder(number=number, request=request, keep=keep)
        self._open[number] = recorder
        return recorder

    def _sent(self) -> int:
        """The place of a live call in the order of sending, among those of all processes."""
        with self.children:
            if self.children.am_one and not self.children.are_heard:
                raise CassetteError(_UNHEARD)
            self.children.tell({"sent": True})
            return next(self._numbers)

    def _missed(self, request: RawRequest, number: int) -> BaseException:
        miss = self._miss(request, number)
        self.note(miss)
        return miss
