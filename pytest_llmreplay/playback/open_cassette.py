"""The cassette of a running test: opened before its set-up, committed or kept after its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError, LlmReplayError
from pytest_llmreplay.event import Event, Json
from pytest_llmreplay.playback.live.live_calls import LiveCalls
from pytest_llmreplay.playback.live.recorded import Recorded, kept_earlier
from pytest_llmreplay.playback.live.repeats import without_repeats
from pytest_llmreplay.playback.playing.call_keys import CallKeys
from pytest_llmreplay.playback.playing.recordings import Recordings
from pytest_llmreplay.playback.playing.source import Source, is_whole
from pytest_llmreplay.playback.stamps.stamp import NO_SESSION

from .children import Children, before_forks, before_forks_no_more
from .commit import Committed, Finished, commit
from .place import Place
from .tape import CassetteTape

__all__ = ["OpenCassette"]


class OpenCassette:
    """Plays and records the calls of one test, or of one fixture.

    Args:
        place: The file.
        header: What a recording writes at its top, beside what it says of session and checks
            where this says nothing (an empty one says that there is none); none to leave the one
            it has.
        mode: What to do with a call that it does not hold.
        rules: What counts when calls are matched.
        redactor: Takes secrets out before anything is written.
        explain: Makes the failure of a call that is neither played nor recorded.
        hosts: Further hosts of LLM calls.
        fsync: Whether each recorded call is on the disk when it ends.

    Raises:
        CassetteError: The file cannot be read, or what is recorded would leave the project.
    """

    def __init__(
        self,
        *,
        place: Place,
        header: Header | None,
        mode: RecordMode,
        rules: MatchRules,
        redactor: Redactor,
        explain: Callable[[OpenCassette, RawRequest, int], BaseException],
        hosts: frozenset[str] = frozenset(),
        fsync: bool = True,
    ) -> None:
        self.place, self.rules, self.redactor = place, rules, redactor
        self.cassette = _loaded(place.path)
        self.header = _surviving(header, self.cassette.header if self.cassette else Header())
        self.mode = _effective(mode, exists=self.cassette is not None)
        if self.records:
            inside(place.root, place.path)
        self._children = Children(self._hear)
        self._live = LiveCalls(
            place=place,
            header=self.header,
            rules=rules,
            redactor=redactor,
            children=self._children,
            fsync=fsync,
        )
        self.source = Source.of(self.cassette, rules, redactor)
        partial = Source.of(self._kept_earlier(), rules, redactor, whole_only=True)
        self._recordings = Recordings(self.source, partial, self.mode)
        can_play, can_record = self._recordings.can_play, self.records
        self.tape = CassetteTape(
            mode=self.mode,
            recordings=self._recordings,
            keys=CallKeys(rules, redactor, hosts, can_play=can_play, can_record=can_record),
            live=self._live,
            children=self._children,
            miss=lambda request, number: explain(self, request, number),
        )
        if redactor.numbers_people:
            redactor.placeholders.share(self._children)
        before_forks(self)

    @property
    def records(self) -> bool:
        """Whether unknown calls go out and are recorded."""
        return self.mode != "none"

    @property
    def partial(self) -> Path:
        """Where finished calls are kept until the test has passed."""
        return self._live.path

    @property
    def recorded(self) -> list[Recorded]:
        """The live calls so far, in the order of finishing."""
        return self._live.finished

    @property
    def problems(self) -> list[LlmReplayError]:
        """Why live calls could not be written."""
        return self._live.problems

    @property
    def named_secrets(self) -> dict[str, str]:
        """Secrets of answers that only the names of their fields tell: their hashes, with these."""
        return self._live.named_secrets

    def expect(self) -> None:
        """Be ready for a forked process, which plays and records too."""
        self._children.expect()
        if self.records:
            self._live.begin()

    def close(self) -> None:
        """End what is still open; nothing is played or recorded any more."""
        before_forks_no_more(self)
        self._live.end()
        self._children.close()
        if self._live.are_begun and not self.recorded and not self._has_earlier_calls:
            self._live.discard()  # opened for a forked process that asked nothing
        else:
            self._live.close()

    @property
    def worth_keeping(self) -> bool:
        """Whether the next recording could play any of what the partial file holds."""
        earlier = bool(self._recordings.partial.finder.slots)
        return earlier or any(is_whole(one.event.exchange.response) for one in self.recorded)

    def forget_failures(self) -> None:
        """The test has failed, and its cassette is closed: keep no file that holds errors alone."""
        if self._live.are_begun and not self.problems and not self.worth_keeping:
            self._live.discard()

    def raise_swallowed(self) -> None:
        """Raise the first miss or write error of the test, which its own code may have hidden."""
        self._children.catch_up()
        if self.tape.misses:
            raise self.tape.misses[0]
        if self.problems:
            raise self.problems[0]

    @property
    def called(self) -> bool:
        """Whether the test made any LLM call that was answered."""
        return bool(self.tape.played or self.recorded)

    @property
    def total(self) -> int:
        """How many events the cassette holds."""
        return len(self.source.finder.slots)

    def unused(self) -> list[Event]:
        """The events that no call has played, where that is worth a word."""
        if self.records:
            return []
        unused = self.source.finder.unused()
        return [self.source.document(slot.entry).event for slot in unused]

    def events_so_far(self) -> list[Event]:
        """The calls of the test so far, in the order of sending."""
        events = {event.number: event for _, event in without_repeats(self.recorded)}
        for played in self.tape.played:
            events[played.number] = self._recordings.document(played).event
        return [events[number] for number in sorted(events)]

    def commit(self, *, keep_unused: bool = False) -> Committed | None:
        """The test has passed: its calls become the cassette. What changed, if anything did.

        Args:
            keep_unused: Drop nothing in mode `update`, as the test stopped on its way.
        """
        if not self.records:
            return None
        mode: RecordMode = "new" if keep_unused and self.mode == "update" else self.mode
        committed = commit(self._finished(mode))
        if self._live.are_begun or self._has_earlier_calls:
            self.partial.unlink(missing_ok=True)
        return committed

    def _kept_earlier(self) -> Cassette | None:
        if not self.records:
            return None
        return kept_earlier(self.partial, self.header, self.rules, self.redactor.anew())

    @property
    def _has_earlier_calls(self) -> bool:
        """Whether the partial file holds calls of an earlier run."""
        return self._recordings.partial.cassette is not None

    def _hear(self, word: Json) -> None:
        """Take over what a forked process, or whoever forked this one, has told."""
        match word:
            case {"person": [str(kind), str(digest), int(number)]}:
                self.redactor.placeholders.hear(kind, digest, number)
            case _:
                self.tape.hear(word)
                self._live.hear(word)

    def _finished(self, mode: RecordMode) -> Finished:
        return Finished(
            place=self.place,
            header=self.header,
            mode=mode,
            rules=self.rules,
            redactor=self.redactor,
            recordings=self._recordings,
            played=self.tape.played,
            recorded=self.recorded,
        )


def _surviving(header: Header | None, before: Header) -> Header:
    """The header, with what people wrote into the one before."""
    if header is None:
        return before
    session = before.session if header.session is None else header.session
    checks = before.checks if header.checks is None else header.checks
    return replace(header, session=None if session == NO_SESSION else session, checks=checks)


def _loaded(path: Path) -> Cassette | None:
    if path.is_dir():
        raise CassetteError(f"{path}: expected a cassette, found a directory; move it away")
    try:
        return Cassette.load(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror}") from error


def _effective(mode: RecordMode, *, exists: bool) -> RecordMode:
    if mode == "once":
        return "none" if exists else "update"
    return mode
