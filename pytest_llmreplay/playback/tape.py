"""The cassette of a running test: plays what it holds, records what it may, misses the rest."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from pytest_llmreplay.capture.active import refusal
from pytest_llmreplay.capture.tape import Playback, RawRequest
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.errors import CassetteError
from pytest_llmreplay.event import FIRST_ERROR, Json
from pytest_llmreplay.playback.live.live_calls import LiveCalls
from pytest_llmreplay.playback.live.recorder import CallRecorder, retry_count
from pytest_llmreplay.playback.playing.api_versions import ApiVersions
from pytest_llmreplay.playback.playing.call_keys import CallKeys
from pytest_llmreplay.playback.playing.recordings import Played, Recordings

from .children import Children

__all__ = ["CassetteTape"]

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


class CassetteTape:
    """Routes the LLM calls of one test.

    Args:
        mode: What to do with a call that was not recorded.
        recordings: What may be played.
        keys: Makes the match keys of calls.
        live: Takes live calls down.
        children: The processes of the test.
        miss: Makes the exception for a call that is neither played nor recorded, of the call and
            its place in the order of sending.
    """

    def __init__(
        self,
        *,
        mode: RecordMode,
        recordings: Recordings,
        keys: CallKeys,
        live: LiveCalls,
        children: Children,
        miss: Callable[[RawRequest, int], BaseException],
    ) -> None:
        self._mode, self._recordings, self._keys, self._live = mode, recordings, keys, live
        self._children, self._miss = children, miss
        self._numbers = itertools.count(1)
        self._errors: dict[str, Playback] = {}
        self._latest: dict[str, Playback] = {}
        self.versions = ApiVersions()
        self.played: list[Played] = []
        self.misses: list[BaseException] = []

    @property
    def offline(self) -> bool:
        """Whether nothing goes live while this tape is open."""
        return self._mode == "none"

    @property
    def is_over(self) -> bool:
        """Whether this is a copy in a forked process, and the tape itself was closed."""
        if not self._children.am_one:
            return False
        self._children.catch_up()
        return self._children.over

    def route(self, request: RawRequest) -> Playback | CallRecorder | None:
        """Play the call, record it, or raise its miss; none where its body is no LLM call's."""
        if self.is_over:
            raise refusal(_OUTLIVED)
        key, body = self._keys.of(request)
        if not self._keys.is_llm_call(request, body):
            return None
        if self._recordings.can_play:
            playback = self._play(key, request) or self._repeat(request, key)
            if playback is not None:
                return playback
        return self._record(request)

    def play(self, request: RawRequest) -> Playback | None:
        """Play the call as often as it is made, in the end its last recording; none without one."""
        key, _ = self._keys.of(request)
        found = self._play(key, request) or self._latest.get(key)
        if found is not None:
            self._latest[key] = found
        return found

    def note(self, miss: BaseException) -> None:
        """Remember a call that failed here, should the test hide it."""
        if miss in self.misses:
            return
        self.misses.append(miss)
        if self._children.am_one:
            with self._children:
                self._children.tell({"missed": str(miss)})

    def hear(self, word: Json) -> None:
        """Take over what another process of the test tells of its calls."""
        match word:
            case {"missed": str(message)}:
                self.misses.append(refusal(message))
            case {"played": int(place), "from_partial": bool(from_partial)}:
                self._recordings.source(from_partial=from_partial).finder.gone(place)
                self._note_played(place, from_partial=from_partial)
            case {"sent": True}:
                next(self._numbers)

    def _play(self, key: str, request: RawRequest) -> Playback | None:
        with self._children:
            taken = self._recordings.take(key, request, self._keys)
            if taken is None:
                return None
            source, place = taken
            from_partial = source is self._recordings.partial
            self._note_played(place, from_partial=from_partial)
            self._children.tell({"played": place, "from_partial": from_partial})
        playback = source.playback(place, request.url)
        self.versions.note(request, lambda: source.document(place))
        if playback.status >= FIRST_ERROR or playback.ended in _BROKEN_OFF:
            self._errors[key] = playback
        return playback

    def _note_played(self, place: int, *, from_partial: bool) -> None:
        number = next(self._numbers)
        self.played.append(Played(number=number, place=place, from_partial=from_partial))

    def _repeat(self, request: RawRequest, key: str) -> Playback | None:
        """The SDK tries an error again that was played as final: it gets the same once more."""
        if not self._errors or retry_count(request) == 0:
            return None
        return self._errors.get(key)

    def _record(self, request: RawRequest) -> CallRecorder:
        if self._mode == "none":
            raise self._missed(request, next(self._numbers))
        return self._live.recorder(self._sent(), request)

    def _sent(self) -> int:
        """The place of a live call in the order of sending, among those of all processes."""
        with self._children:
            if self._children.am_one and not self._children.are_heard:
                raise CassetteError(_UNHEARD)
            self._children.tell({"sent": True})
            return next(self._numbers)

    def _missed(self, request: RawRequest, number: int) -> BaseException:
        miss = self._miss(request, number)
        self.note(miss)
        return miss
