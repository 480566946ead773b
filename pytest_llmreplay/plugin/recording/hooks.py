"""Gives tests their cassettes: opens one before the set-up, decides at the last report."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from pytest_llmreplay.capture.tape import LetPass, Tape
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.playback.commit import Committed
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.plugin.as_typed import paths_as_typed, shown
from pytest_llmreplay.plugin.failures import as_failure, own_failure, tell_first
from pytest_llmreplay.plugin.markers import CassetteMark
from pytest_llmreplay.plugin.notices import attach, tell_now
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.settings.unread_keys import TEST_KEYS, unread_keys

from .deck import Deck
from .failing import Readable, complain, key_notice
from .fixture_cassettes import FixtureCassettes
from .kept import homeless, kept_notice, left_behind, named_secrets, twins
from .openers import Opener
from .other_versions import OtherVersions
from .played_log import note_played
from .wide_fixtures import WideFixtures, fixtures_of

__all__ = ["Recording"]


@dataclass(slots=True)
class _Test:
    """One attempt at one test."""

    fixtures: frozenset[str] = frozenset()
    """Names of all that it uses."""
    cassette: OpenCassette | None = None
    outcomes: set[str] = field(default_factory=set)
    ran: bool = False
    """Whether it was more than set up, as with `--setup-only`."""

    def note(self, report: pytest.TestReport) -> None:
        """Take the outcome of a phase or of a sub-test over."""
        self.ran = self.ran or report.when == "call"
        xfailed = hasattr(report, "wasxfail") and report.skipped
        self.outcomes.add("xfailed" if xfailed else report.outcome)

    @property
    def passed(self) -> bool:
        """Whether the test ran, and nothing at all went wrong so far."""
        return self.ran and self.outcomes == {"passed"}

    @property
    def recorded_well(self) -> bool:
        """Whether its calls may become the cassette.

        A test that fails as expected or skips counts, unless it stopped before its first call.
        """
        if self.cassette is None or not self.outcomes <= {"passed", "xfailed", "skipped"}:
            return False
        stopped = self.outcomes != {"passed"}
        return self.passed or (stopped and self.cassette.called)


class Recording:
    """Registered when at least one collected test has a cassette.

    Args:
        config: Of the run.
        settings: What the user asked for.
        items: The collected tests.
    """

    def __init__(
        self, config: pytest.Config, settings: Settings, items: Sequence[pytest.Item]
    ) -> None:
        self._config, self._settings = config, settings
        self._here, self._process = config.invocation_params.dir, os.getpid()
        self._opener = Opener(config, settings, items)
        self._deck = Deck()
        self._versions = OtherVersions()
        self._tests: dict[str, _Test] = {}
        self._current: OpenCassette | None = None
        records = settings.command_line_mode not in {None, "none"}
        projects = sorted(self._opener.projects)
        self._told: list[str | Committed] = [
            *unread_keys(config, settings, {item.path for item in items}, TEST_KEYS),
            *(
                line
                for project in projects
                for line in left_behind(project, self._here, records=records)
            ),
        ]
        self._fixtures = FixtureCassettes(self._opener, self._deck, self.tell, self._versions)
        around = self._fixtures.around
        self.wide_fixtures = WideFixtures(self._opener, items, self._current_mode, around)

    def stop(self) -> None:
        """Close what an interrupted test left open; its partial file stays."""
        self._leave()

    def tell(self, notices: Iterable[str | Committed | None]) -> None:
        """Let the next report carry sentences to the end of the run."""
        self._told += filter(None, notices)

    def cassette_of(self, item: pytest.Item) -> OpenCassette | None:
        """The cassette that is open for a running test."""
        test = self._tests.get(item.nodeid)
        return test.cassette if test else None

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Open a cassette before any fixture is set up; a rerun gets a fresh one."""
        self._leave()
        self._tests[item.nodeid] = test = _Test(fixtures=fixtures_of(item))
        with as_failure():
            test.cassette = self._current = self._opener.for_test(item)
            self._deck.put(_tape(item, test.cassette))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """A miss that the test's own code swallowed fails it all the same."""
        result = yield
        _raise_swallowed(self.cassette_of(item))
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        """Close the cassette after the last finalizer; a passing test must have played it all."""
        try:
            yield
        finally:
            self._leave()
        test = self._tests.get(item.nodeid)
        if test and test.cassette and test.passed:
            _raise_swallowed(test.cassette)
            complain(test.cassette, self._settings, item.warn)
            self._versions.tell(test.cassette, item.warn)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Our failures are their text alone; any failure says what of the recording was kept."""
        report = yield
        if ours := _own_failure_of(call):
            self._tell_ours(report, ours)
        if test := self._tests.get(item.nodeid):
            test.note(report)
        if report.failed:
            self._tell_kept(report, self.cassette_of(item), call)
        if call.when == "teardown" and self._forked:
            self.pytest_runtest_logreport(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect outcomes; at the last report of a test decide what becomes of its recording."""
        if test := self._tests.get(report.nodeid):
            test.note(report)
            if report.when == "teardown":
                del self._tests[report.nodeid]
                self._finish(test, report)
        attach(report, self._told)
        self._told = []

    def pytest_keyboard_interrupt(self) -> None:
        """The test that was interrupted has no report that could say what of it was kept."""
        tell_now(self._config, kept_notice(self._current, self._here))

    def _finish(self, test: _Test, report: pytest.TestReport) -> None:
        self.tell(named_secrets(test.cassette))
        if test.cassette is None:
            return
        if not test.recorded_well:
            test.cassette.forget_failures()
            return
        try:
            test.cassette.raise_swallowed()
            committed = test.cassette.commit(keep_unused="skipped" in test.outcomes)
            if not self._left_to_fixtures(test, test.cassette):
                self.tell([committed])
            self.tell(homeless(test.cassette, self._here))
            self.tell(twins(test.cassette, self._here))
        except LlmReplayError as error:
            report.outcome, report.longrepr = "failed", shown(error, self._here)
            report.sections += self._sections(test.cassette, _misses(test.cassette))

    def _left_to_fixtures(self, test: _Test, cassette: OpenCassette) -> bool:
        """Whether its calls are those of fixtures with wider scope, so that it has no cassette."""
        without = not cassette.called and cassette.cassette is None
        return without and not self._fixtures.asked.isdisjoint(test.fixtures)

    @property
    def _forked(self) -> bool:
        """Whether pytest-forked lets another process hear of the tests, that knows no call."""
        return os.getpid() != self._process

    def _tell_ours(self, report: pytest.TestReport, failure: BaseException) -> None:
        """Our failures are their text alone, and nobody expected them."""
        if hasattr(report, "wasxfail"):
            del report.wasxfail
            report.outcome = "failed"
        report.longrepr = paths_as_typed(failure, self._here)

    def _tell_kept(
        self,
        report: pytest.TestReport,
        cassette: OpenCassette | None,
        call: pytest.CallInfo[object],
    ) -> None:
        """What of the recording was kept, and what an error that is none of ours may hide."""
        ours = _own_failure_of(call)
        hidden = () if ours else _misses(cassette)
        for miss in hidden:
            tell_first(miss, report)
        report.sections += self._sections(cassette, hidden)
        if call.excinfo and not ours:
            report.sections += _as_sections(key_notice(cassette, call.excinfo))

    def _current_mode(self) -> RecordMode | None:
        return self._current.mode if self._current else None

    def _sections(
        self, cassette: OpenCassette | None, hidden: Iterable[BaseException]
    ) -> list[tuple[str, str]]:
        """What a failing test should also say: a miss that another error hides, what was kept."""
        return _as_sections((*map(str, hidden), *kept_notice(cassette, self._here)))

    def _leave(self) -> None:
        self._deck.put(None)
        if self._current is not None:
            self._current.close()
            note_played(self._current)
            self._current = None


def _tape(item: pytest.Item, cassette: OpenCassette | None) -> Tape | None:
    if cassette is not None:
        return Readable(cassette.tape)
    return LetPass() if CassetteMark.of(item).mode == "live" else None


def _own_failure_of(call: pytest.CallInfo[object]) -> BaseException | None:
    return own_failure(call.excinfo.value) if call.excinfo else None


def _raise_swallowed(cassette: OpenCassette | None) -> None:
    if cassette is not None:
        with as_failure():
            cassette.raise_swallowed()


def _as_sections(texts: Iterable[str]) -> list[tuple[str, str]]:
    return [("llm cassette", text) for text in texts]


def _misses(cassette: OpenCassette | None) -> Sequence[BaseException]:
    """The first call that was not in the cassette."""
    return () if cassette is None else cassette.tape.misses[:1]
