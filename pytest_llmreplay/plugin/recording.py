"""Gives tests their cassettes: opens one before the set-up, decides at the last report."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from pytest_llmreplay.capture.active import close_tape, open_tape
from pytest_llmreplay.playback.open_cassette import OpenCassette

from .notices import attach
from .openers import Opener

__all__ = ["Recording"]


class UnusedEventsWarning(pytest.PytestWarning):
    """A passing test did not play every event of its cassette."""


@dataclass(slots=True)
class _Test:
    """One attempt at one test."""

    cassette: OpenCassette | None
    outcomes: list[str] = field(default_factory=list)


class Recording:
    """Registered when at least one collected test has a cassette."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._tests: dict[str, _Test] = {}
        self._current: OpenCassette | None = None

    def cassette_of(self, item: pytest.Item) -> OpenCassette | None:
        """The cassette that is open for a running test."""
        test = self._tests.get(item.nodeid)
        return test.cassette if test else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """Open a cassette before any fixture is set up; a rerun gets a fresh one."""
        self._tests[item.nodeid] = test = _Test(cassette=None)
        test.cassette = self._opener.for_test(item)
        self._switch_to(test.cassette)
        yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """A miss that the test's own code swallowed fails it all the same."""
        result = yield
        if cassette := self.cassette_of(item):
            cassette.raise_swallowed()
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
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
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A failure says what of the recording was kept, and what was missed before it."""
        report = yield
        cassette = self.cassette_of(item)
        if cassette and report.failed:
            report.sections += cassette.failure_sections()
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
        passed = set(test.outcomes) == {"passed"}
        attach(report, test.cassette.commit() if passed else test.cassette.keep())

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
        text = cassette.unused_text()
        if text is None or self._opener.settings.unused == "ignore":
            return
        if self._opener.settings.unused == "fail":
            pytest.fail(text, pytrace=False)
        warnings.warn(UnusedEventsWarning(text), stacklevel=1)
