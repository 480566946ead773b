"""The live calls of a test, each in its partial file as soon as it ends."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path

from pytest_llmreplay.capture.active import refusal
from pytest_llmreplay.capture.tape import RawRequest
from pytest_llmreplay.cassette.documents.header import Header
from pytest_llmreplay.cassette.matching.keys import MatchRules
from pytest_llmreplay.cassette.partial.file import KeptPlace, partial_path
from pytest_llmreplay.cassette.partial.journal import Journal
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError, LlmReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.playback.children import Children
from pytest_llmreplay.playback.place import Place
from pytest_llmreplay.playback.stamps.stamp import NO_SESSION, Stamp, stamp_of

from .raw_entry import entry_of
from .recorded import Recorded
from .recorder import CallRecorder, LiveCall

__all__ = ["LiveCalls"]


class LiveCalls:
    """Takes the live calls of a test down; safe to share between threads.

    Args:
        place: Of the cassette.
        header: Names the test and the session it declares.
        rules: What counts when calls are matched.
        redactor: Takes secrets out before anything is written.
        children: The processes of the test, each of which takes calls down.
        fsync: Whether each call is on the disk when it ends.
    """

    def __init__(
        self,
        *,
        place: Place,
        header: Header,
        rules: MatchRules,
        redactor: Redactor,
        children: Children,
        fsync: bool,
    ) -> None:
        self._place, self._header, self._fsync = place, header, fsync
        self._rules, self._redactor, self._children = rules, redactor, children
        self._lock = threading.Lock()
        self._journal: Journal | None = None
        self._under_way: dict[int, CallRecorder] = {}
        self._written: list[tuple[int, KeptPlace]] = []
        self._finished: list[Recorded] = []
        self.problems: list[LlmReplayError] = []
        """Why calls could not be written."""
        self.named_secrets: dict[str, str] = {}
        """Hashes of what only the name of its field, which they have with them, makes a secret in
        the answers."""

    @cached_property
    def path(self) -> Path:
        """The partial file."""
        return partial_path(self._place.root, self._place.path)

    @property
    def are_begun(self) -> bool:
        """Whether this process has opened the partial file."""
        return self._journal is not None

    def begin(self) -> Journal:
        """Open the partial file, if it is not yet.

        Raises:
            CassetteError: It cannot be written, or another process has it open.
        """
        if self._journal is None:
            with self._lock:
                if self._journal is None:
                    self._journal = Journal.open(self.path, self._header.test, fsync=self._fsync)
        return self._journal

    def recorder(self, number: int, request: RawRequest) -> CallRecorder:
        """Take a call down that is about to be sent.

        Raises:
            BaseException: It could not be kept, as on a full disk, and would be paid in vain.
        """
        self._refuse_unwritable()
        stamp = stamp_of(request.headers, self._header.session or NO_SESSION)

        def keep(call: LiveCall) -> None:
            self._under_way.pop(number, None)
            self._keep(call, stamp)

        recorder = CallRecorder(number=number, request=request, keep=keep)
        self._under_way[number] = recorder
        return recorder

    @property
    def finished(self) -> list[Recorded]:
        """The calls that have ended, in that order, those of forked processes included."""
        self._children.catch_up()
        with self._lock:
            for number, place in self._written[len(self._finished) :]:
                self._finished.append(Recorded(number, place.read, self._rules, self._redactor))
            return list(self._finished)

    def hear(self, word: Json) -> None:
        """Take over what another process of the test tells of its calls."""
        match word:
            case {"recorded": [int(number), int(begin), int(size)]}:
                self._written.append((number, KeptPlace(self.path, begin, size)))
            case {"problem": str(message)}:
                self.problems.append(CassetteError(message))

    def end(self) -> None:
        """End the calls that nobody read to the end."""
        for recorder in list(self._under_way.values()):
            recorder.finish("left")

    def close(self) -> None:
        """Write no more; the partial file stays."""
        if self._journal is not None:
            self._journal.close()

    def discard(self) -> None:
        """Write no more, and remove the partial file."""
        if self._journal is not None:
            self._journal.discard()

    def _refuse_unwritable(self) -> None:
        try:
            self.begin()
        except LlmReplayError as problem:
            self.problems.append(problem)
        if self.problems:
            raise refusal(str(self.problems[0])) from self.problems[0]

    def _keep(self, call: LiveCall, stamp: Stamp) -> None:
        """Write a finished call down; what goes wrong here fails the test, not its client."""
        children = self._children
        try:
            entry = entry_of(call, stamp, self._redactor, self.named_secrets)
            with children:
                if children.over:
                    return
                place = self.begin().append(entry)
                self._written.append((call.number, place))
                children.tell({"recorded": [call.number, place.begin, place.size]})
        except LlmReplayError as problem:
            self.problems.append(problem)
            with children:
                children.tell({"problem": str(problem)})
