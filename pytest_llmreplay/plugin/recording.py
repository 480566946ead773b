"""Gives tests their cassettes: opens one before the set-up, decides at the last report."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from pytest_llmreplay.capture.active import close_tape, open_tape, set_outside
from pytest_llmreplay.capture.install import install, uninstall
from pytest_llmreplay.capture.sockets import unwatch, watch
from pytest_llmreplay.capture.tape import Tape
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.playback.tape import CassetteTape
from pytest_llmreplay.providers.calls import is_llm_call
from pytest_llmreplay.providers.table import match_host
from pytest_llmreplay.report.recording import kept_text, unused_text

from .failures import LlmFailure, own_failure
from .guard import Guard
from .notices import attach
from .openers import Opener
from .settings import Settings

__all__ = ["Recording", "UnusedEventsWarning"]


class UnusedEventsWarning(pytest.PytestWarning):
    """A passing test did not play every event of its cassette."""


@dataclass(slots=True)
class _Test:
    """One attempt at one test."""

    cassette: OpenCassette | None
    outcomes: list[str] = field(default_factory=list)


class Recording:
    """Registered when at least one collected test has a cassette, or calls are guarded.

    Raises:
        CaptureUnsupported: An installed library moved a name that the capture patches.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._opener = Opener(config, settings)
        hosts = frozenset(settings.hosts)
        install(partial(is_llm_call, hosts=hosts), failure=LlmFailure)
        watch(
            partial(_is_llm_host, hosts),
            offline=_plays_only,
            failure=LlmFailure,
        )
        if settings.guard:
            set_outside(Guard())
        self._tests: dict[str, _Test] = {}
        self._current: OpenCassette | None = None

    def stop(self) -> None:
        """Let all calls go where they always went."""
        set_outside(None)
        unwatch()
        uninstall()

    def cassette_of(self, item: pytest.Item) -> OpenCassette | None:
        """The cassette that is open for a running test."""
        test = self._tests.get(item.nodeid)
        return test.cassette if test else None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """Open a cassette before any fixture is set up; a rerun gets a fresh one."""
        self._tests[item.nodeid] = test = _Test(cassette=None)
        with _as_failure():
            test.cassette = self._opener.for_test(item)
        self._switch_to(test.cassette)
        yield

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """A miss that the test's own code swallowed fails it all the same."""
        result = yield
        if cassette := self.cassette_of(item):
            cassette.raise_swallowed()
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        """Close the cassette after the last finalizer; a passing test must have played it all."""
        try:
            yield
        finally:
            self._switch_to(None)
        test = self._tests[item.nodeid]
        if test.cassette and set(test.outcomes) == {"passed"}:
            self._complain(test.cassette)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Calls of a fixture with wider scope belong to a cassette of the fixture."""
        test = self._current
        if test is None or fixturedef.scope == "function":
            return (yield)
        with self._fixture(fixturedef, request, test):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Our failures are their text alone; any failure says what of the recording was kept."""
        report = yield
        if call.excinfo and (ours := own_failure(call.excinfo.value)):
            report.longrepr = str(ours)
        cassette = self.cassette_of(item)
        if cassette and report.failed:
            report.sections += _kept(cassette)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect outcomes; at the last report of a test decide what becomes of its recording."""
        test = self._tests.get(report.nodeid)
        if test is None:
            return
        xpass = hasattr(report, "wasxfail") and report.skipped
        test.outcomes.append("passed" if xpass else report.outcome)
        if report.when == "teardown":
            del self._tests[report.nodeid]
            self._finish(test, report)

    def _finish(self, test: _Test, report: pytest.TestReport) -> None:
        if test.cassette is None:
            return
        if set(test.outcomes) != {"passed"}:
            return
        try:
            attach(report, test.cassette.commit())
        except LlmReplayError as error:
            report.outcome, report.longrepr = "failed", str(error)

    def _switch_to(self, cassette: OpenCassette | None) -> None:
        if self._current is not None:
            close_tape(self._current.tape)
            self._current.close()
        self._current = cassette
        if cassette is not None:
            open_tape(cassette.tape)

    @contextmanager
    def _fixture(
        self,
        fixturedef: pytest.FixtureDef[object],
        request: pytest.FixtureRequest,
        test: OpenCassette,
    ) -> Iterator[None]:
        close_tape(test.tape)
        try:
            with self._opener.for_fixture(fixturedef, request) as cassette:
                open_tape(cassette.tape)
                try:
                    yield
                finally:
                    close_tape(cassette.tape)
                    cassette.close()
                cassette.raise_swallowed()
                self._complain(cassette)
                cassette.commit()
        finally:
            open_tape(test.tape)

    def _complain(self, cassette: OpenCassette) -> None:
        unused = cassette.unused()
        if not unused or self._opener.settings.unused == "ignore":
            return
        place = cassette.place
        text = unused_text(place.shown, unused, cassette.total, place.record)
        if self._opener.settings.unused == "fail":
            raise LlmFailure(text)
        warnings.warn(UnusedEventsWarning(text), stacklevel=1)


def _kept(cassette: OpenCassette) -> list[tuple[str, str]]:
    if not cassette.recorded:
        return []
    partial = cassette.partial.relative_to(cassette.place.rootdir).as_posix()
    return [("llm cassette", kept_text(partial, len(cassette.recorded)))]


@contextmanager
def _as_failure() -> Iterator[None]:
    """Show errors of our own as their text, without a traceback."""
    try:
        yield
    except LlmReplayError as error:
        raise LlmFailure(str(error)) from None


def _is_llm_host(hosts: frozenset[str], host: str, _: int | None) -> bool:
    """Whether a host serves nothing but models."""
    found = match_host(host.lower())
    return host in hosts or (found is not None and not found[1])


def _plays_only(tape: Tape) -> bool:
    return isinstance(tape, Guard) or (isinstance(tape, CassetteTape) and tape.offline)
