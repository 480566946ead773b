"""The cassette of a running test: opened before its set-up, committed or kept after its end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from pytest_llmreplay.capture.active import refusal
from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules, key_of_raw, key_unredacted
from pytest_llmreplay.cassette.partial.file import KeptPlace, partial_path
from pytest_llmreplay.cassette.partial.journal import Journal
from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError, LlmReplayError, RedactionFailed
from pytest_llmreplay.event import Event, Json, Session
from pytest_llmreplay.providers.endpoints.calls import is_llm_body

from .children import before_forks, before_forks_no_more
from .commit import Committed, Finished, Place, commit
from .kept_calls import kept_earlier
from .raw_entry import entry_of
from .recorded import Recorded
from .recorder import LiveCall
from .source import Source
from .stamp import Stamp
from .tape import CassetteTape

__all__ = ["OpenCassette", "Place"]


class OpenCassette:
    """Plays and records the calls of one test, or of one fixture.

    Args:
        place: The file.
        header: What a recording writes at its top.
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
        header: Header,
        mode: RecordMode,
        rules: MatchRules,
        redactor: Redactor,
        explain: Callable[[OpenCassette, RawRequest, int], BaseException],
        hosts: frozenset[str] = frozenset(),
        fsync: bool = True,
    ) -> None:
        self.place, self.header, self.rules, self.redactor = place, header, rules, redactor
        self.cassette = _loaded(place.path)
        self.mode = _effective(mode, exists=self.cassette is not None)
        if self.records:
            inside(place.root, place.path)
        self._kept: list[tuple[int, KeptPlace]] = []
        self._recorded: list[Recorded] = []
        self.problems: list[LlmReplayError] = []
        self.named_secrets: dict[str, str] = {}
        """Hashes of what only the name of its field, which they have with them, makes a secret in
        the answers that were recorded."""
        self._fsync, self._hosts = fsync, hosts
        self._lock = threading.Lock()
        self._journal: Journal | None = None
        self.source = Source.of(self.cassette, rules, redactor)
        self._partial = Source.of(self._kept_earlier(), rules, redactor, whole_only=True)
        nothing = not (self.source.finder.slots or self._partial.finder.slots)
        self._asks_all = self.mode == "all" or (self.records and nothing)
        """Nothing can be played, so that nobody needs a key before the test ends."""
        self._numbers_people = self.records and redactor.numbers_people
        self.tape = CassetteTape(
            cassette=self.source,
            partial=self._partial,
            mode=self.mode,
            key_of=self._key_of,
            stored_key_of=self._stored_key_of,
            alike_key_of=lambda request: self._stored_key_of(request, rules.but_for_call_ids),
            prepare=self._prepare,
            keep=self._keep,
            miss=lambda request, number: explain(self, request, number),
            session=header.session or Session(),
            hosts=hosts,
            heard=self._hear,
        )
        if redactor.numbers_people:
            redactor.placeholders.share(self.tape.children)
        before_forks(self)

    @property
    def records(self) -> bool:
        """Whether unknown calls go out and are recorded."""
        return self.mode != "none"

    @cached_property
    def partial(self) -> Path:
        """Where finished calls are kept until the test has passed."""
        return partial_path(self.place.root, self.place.path)

    def expect(self) -> None:
        """Be ready for a forked process, which plays and records too."""
        self.tape.children.expect()
        if self.records:
            self._written()

    def close(self) -> None:
        """End what is still open; nothing is played or recorded any more."""
        before_forks_no_more(self)
        self.tape.close()
        if self._journal is not None and not self.recorded and self._partial.cassette is None:
            self._journal.discard()  # opened for a forked process that asked nothing
        elif self._journal is not None:
            self._journal.close()

    def raise_swallowed(self) -> None:
        """Raise the first miss or write error of the test, which its own code may have hidden."""
        self.tape.hear_children()
        if self.tape.misses:
            raise self.tape.misses[0]
        if self.problems:
            raise self.problems[0]

    @property
    def recorded(self) -> list[Recorded]:
        """The live calls so far, in the order of finishing."""
        self.tape.hear_children()
        with self._lock:
            for number, place in self._kept[len(self._recorded) :]:
                self._recorded.append(Recorded(number, place.read, self.rules, self.redactor))
            return list(self._recorded)

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
        calls = [(one.number, one.event) for one in self.recorded]
        for played in self.tape.played:
            source = self._partial if played.from_partial else self.source
            calls.append((played.number, source.document(played.place).event))
        return [event for _, event in sorted(calls, key=lambda call: call[0])]

    def commit(self, *, keep_unused: bool = False) -> Committed | None:
        """The test has passed: its calls become the cassette. What changed, if anything did.

        Args:
            keep_unused: Drop nothing in mode `update`, as the test stopped on its way.
        """
        if not self.records:
            return None
        mode: RecordMode = "new" if keep_unused and self.mode == "update" else self.mode
        committed = commit(self._finished(mode))
        if self._journal is not None or self._partial.cassette is not None:
            self.partial.unlink(missing_ok=True)
        return committed

    def _kept_earlier(self) -> Cassette | None:
        if not self.records:
            return None
        return kept_earlier(self.partial, self.header, self.rules, self.redactor.anew())

    def _key_of(self, request: RawRequest) -> tuple[str, Json]:
        if self._numbers_people:
            self._stored_key_of(request)  # numbers them in the order of sending
        if self._asks_all:
            try:
                return "", self._confirming(request)
            except (ValueError, RecursionError):
                pass  # no JSON as it stands
        return key_unredacted(request.method, request.url, request.content, self.rules)

    def _confirming(self, request: RawRequest) -> Json:
        """The body of a call, where only that can tell whether it is an LLM call."""
        if is_llm_body(request.url, None, hosts=self._hosts):
            return None
        body: Json = json.loads(request.content.decode())
        return body

    def _stored_key_of(self, request: RawRequest, rules: MatchRules | None = None) -> str:
        rules, redactor = rules or self.rules, self.redactor
        try:
            return key_of_raw(request.method, request.url, request.content, rules, redactor)
        except RedactionFailed as problem:
            raise refusal(str(problem)) from problem  # no SDK asks again

    def _prepare(self) -> None:
        """Refuse a call that could not be kept, as on a full disk: it would be paid in vain."""
        try:
            self._written()
        except LlmReplayError as problem:
            self.problems.append(problem)
        if self.problems:
            raise refusal(str(self.problems[0])) from self.problems[0]

    def _keep(self, call: LiveCall, stamp: Stamp) -> None:
        """Write a finished call down; what goes wrong here fails the test, not its client."""
        children = self.tape.children
        try:
            entry = entry_of(call, stamp, self.redactor, self.named_secrets)
            with children:
                if children.over:
                    return
                place = self._written().append(entry)
                self._kept.append((call.number, place))
                children.tell({"recorded": [call.number, place.begin, place.size]})
        except LlmReplayError as problem:
            self.problems.append(problem)
            with children:
                children.tell({"problem": str(problem)})

    def _hear(self, word: Json) -> None:
        """Take over what a forked process, or whoever forked this one, has recorded."""
        match word:
            case {"recorded": [int(number), int(begin), int(size)]}:
                self._kept.append((number, KeptPlace(self.partial, begin, size)))
            case {"person": [str(kind), str(digest), int(number)]}:
                self.redactor.placeholders.hear(kind, digest, number)
            case {"problem": str(told)}:
                self.problems.append(CassetteError(told))

    def _written(self) -> Journal:
        """The partial file, opened before the first call."""
        if self._journal is None:
            with self._lock:
                if self._journal is None:
                    test = self.header.test
                    self._journal = Journal.open(self.partial, test, fsync=self._fsync)
        return self._journal

    def _finished(self, mode: RecordMode) -> Finished:
        return Finished(
            place=self.place,
            header=self.header,
            mode=mode,
            rules=self.rules,
            redactor=self.redactor,
            source=self.source,
            partial=self._partial,
            played=self.tape.played,
            recorded=self.recorded,
        )


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
