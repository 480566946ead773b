"""Gives a fixture with wider scope its own cassette while it is set up, and while torn down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

import pytest

from pytest_llmreplay.capture.processes.answering import listen
from pytest_llmreplay.capture.processes.asking import Asking, Ticket
from pytest_llmreplay.capture.processes.tickets import ticket_for_a_fork
from pytest_llmreplay.capture.tape import Decision, RawRequest
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.playback.children import before_forks, before_forks_no_more
from pytest_llmreplay.playback.commit import Committed
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.plugin.failures import as_failure

from .deck import Deck
from .failing import Readable, complain
from .fixture_place import FixturePlace
from .kept import kept_notice, named_secrets
from .openers import Opener
from .other_versions import OtherVersions
from .played_log import note_played

__all__ = ["FixtureCassettes"]

Tell: TypeAlias = Callable[[Iterable[str | Committed | None]], None]


class FixtureCassettes:
    """Plays and records what fixtures ask.

    Args:
        opener: Opens cassettes.
        deck: Where the tape of the running test is.
        tell: Takes sentences for the end of the run.
        versions: Warns of other versions of APIs.
    """

    def __init__(self, opener: Opener, deck: Deck, tell: Tell, versions: OtherVersions) -> None:
        self._opener, self._deck, self._tell, self._versions = opener, deck, tell, versions
        self.asked: set[str] = set()
        """Names of the fixtures that have made an LLM call, played or recorded."""

    @contextmanager
    def around(
        self, place: FixturePlace, request: pytest.FixtureRequest, mode: RecordMode, phase: str
    ) -> Iterator[None]:
        """Let the calls inside go to the cassette of the fixture, and commit it."""
        with as_failure(), ExitStack() as stack:
            opened = self._opener.for_fixture(place, mode, phase)
            tape = _OnDemand(lambda: stack.enter_context(opened), offline=mode == "none")
            try:
                with self._deck.instead(tape):
                    yield
            except BaseException:
                tape.close()
                self._tell(kept_notice(tape.cassette, self._opener.here))
                if tape.cassette is not None:
                    tape.cassette.forget_failures()
                raise
            tape.close()
            if self._opener.fixture_path(place, mode, phase).exists():
                tape.opened()
            if tape.cassette is not None:
                self._finish(tape.cassette, request)

    def _finish(self, cassette: OpenCassette, request: pytest.FixtureRequest) -> None:
        cassette.raise_swallowed()
        if cassette.called:
            self.asked.add(request.fixturename or "")
        complain(cassette, self._opener.settings, request.node.warn)
        self._versions.tell(cassette, request.node.warn)
        if cassette.called or cassette.cassette is not None:  # else it has forked, and that is all
            self._tell([cassette.commit(), *named_secrets(cassette)])


class _OnDemand:
    """Opens a cassette at the first call, or fork: hardly any fixture makes one."""

    def __init__(self, opening: Callable[[], OpenCassette], *, offline: bool) -> None:
        self.offline = offline
        self.cassette: OpenCassette | None = None
        self._opening = opening
        self._ticket: Ticket | None = None
        self._lock = threading.Lock()
        before_forks(self)

    def opened(self) -> OpenCassette:
        """The cassette, open from now on."""
        with self._lock:
            if self.cassette is None:
                with as_failure():
                    self.cassette = self._opening()
            return self.cassette

    def expect(self) -> None:
        """Open the cassette before this process forks, for the calls of the other one.

        Those that it makes later, as a server that the fixture starts, belong to the test that
        runs then.
        """
        self.opened().expect()
        self._ticket = self._ticket or ticket_for_a_fork()

    def route(self, request: RawRequest) -> Decision:
        """Open the cassette of the fixture, if it is not open yet, and ask it."""
        tape = self.opened().tape
        if self._ticket is not None and tape.is_over:
            return Asking(self._ticket).route(request)
        return Readable(tape).route(request)

    def close(self) -> None:
        """End what is still open."""
        before_forks_no_more(self)
        if self._ticket is not None:
            listen()
        if self.cassette is not None:
            self.cassette.close()
            note_played(self.cassette)
