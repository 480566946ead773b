"""Calls of fixtures with wider scope belong to a cassette of the fixture, not to a test's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from pytest_llmreplay.capture.tape import Decision, RawRequest
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.tape import RecordMode

from .deck import Deck
from .failures import as_failure
from .kept import kept
from .openers import Opener
from .played_log import note_played
from .readable import Readable
from .unused import complain
from .uses import uses_cassette

__all__ = ["WideFixtures"]


class WideFixtures:
    """Registered beside `Recording`.

    Args:
        opener: Opens cassettes.
        deck: Where the tape of the running test is.
        items: The collected tests.
        mode: The record mode of the running test; none where it has no cassette.
        tell: Takes sentences for the end of the run.
    """

    def __init__(
        self,
        opener: Opener,
        deck: Deck,
        items: Iterable[pytest.Item],
        mode: Callable[[], RecordMode | None],
        tell: Callable[[Iterable[str]], None],
    ) -> None:
        self._opener, self._deck, self._mode, self._tell = opener, deck, mode, tell
        users = (item for item in items if uses_cassette(item, autouse=opener.settings.autouse))
        self._names = {name for item in users for name in getattr(item, "fixturenames", ())}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Play or record what the fixture asks while it is set up, and while it is torn down."""
        if not self._has_cassette(fixturedef):
            return (yield)
        mode = self._mode() or self._opener.settings.command_line_mode or "none"
        teardown = ExitStack()
        fixturedef.addfinalizer(teardown.close)
        with self._cassette(fixturedef, request, mode, ""):
            result = yield
        after = self._cassette(fixturedef, request, mode, ".teardown")
        fixturedef.addfinalizer(lambda: teardown.enter_context(after))
        return result

    def _has_cassette(self, fixturedef: pytest.FixtureDef[object]) -> bool:
        """Whether any test that uses it has one, so that the order of tests does not matter."""
        if fixturedef.scope == "function":
            return False
        return self._mode() is not None or fixturedef.argname in self._names

    @contextmanager
    def _cassette(
        self,
        fixturedef: pytest.FixtureDef[object],
        request: pytest.FixtureRequest,
        mode: RecordMode,
        phase: str,
    ) -> Iterator[None]:
        with as_failure(), ExitStack() as stack:
            opened = self._opener.for_fixture(fixturedef, request, mode, phase)
            tape = _OnDemand(lambda: stack.enter_context(opened), offline=mode == "none")
            try:
                with self._deck.instead(tape):
                    yield
            except BaseException:
                self._tell(kept(tape.cassette))
                raise
            finally:
                tape.close()
            if self._opener.fixture_path(fixturedef, request, mode, phase).exists():
                tape.opened()
            if tape.cassette is not None:
                self._finish(tape.cassette, request)

    def _finish(self, cassette: OpenCassette, request: pytest.FixtureRequest) -> None:
        cassette.raise_swallowed()
        complain(cassette, self._opener.settings.unused, request.node.warn)
        self._tell(cassette.commit())


class _OnDemand:
    """Opens a cassette at the first call: hardly any fixture makes one."""

    def __init__(self, opening: Callable[[], OpenCassette], *, offline: bool) -> None:
        self.offline = offline
        self.cassette: OpenCassette | None = None
        self._opening = opening
        self._lock = threading.Lock()

    def opened(self) -> OpenCassette:
        """The cassette, open from now on."""
        with self._lock:
            if self.cassette is None:
                with as_failure():
                    self.cassette = self._opening()
            return self.cassette

    def route(self, request: RawRequest) -> Decision:
        """Let the cassette decide."""
        return Readable(self.opened().tape).route(request)

    def close(self) -> None:
        """End what is still open."""
        if self.cassette is not None:
            self.cassette.close()
            note_played(self.cassette)
