"""What takes the place of pytest's run of tests: the run of a replay, or what it would cost."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

import pytest

from pytest_llmreplay.compare.specs.scoped import ScopedCheck
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.items.scope_items import ScopeItem, scope_items, with_sessions
from pytest_llmreplay.plugin.items.verdict_items import VerdictItem, verdict_items
from pytest_llmreplay.plugin.results.judgements import Judged
from pytest_llmreplay.plugin.terms.run_terms import RunTerms
from pytest_llmreplay.report.junit import properties, scope_properties, verdict_properties

from .as_typed import refused
from .many_items import LeanReports, seldom_garbage
from .replay_run import ReplayRun

__all__ = ["Estimating", "Running"]


class Running:
    """Registered when the events of a replay are known, and are not only listed.

    Args:
        config: Of pytest.
        terms: What is replayed, and by what it is judged.
    """

    def __init__(self, config: pytest.Config, terms: RunTerms) -> None:
        self._terms, self._run = terms, ReplayRun(config, terms)
        self._lean = LeanReports()
        self.replay = self._run.replay
        """Waits for the answer of an item; raises its failure, or skips."""

    def go_beyond(
        self, session: pytest.Session, scoped: Mapping[ReplayItem, Sequence[ScopedCheck]]
    ) -> None:
        """Put what looks at sessions, and at the run, behind the events.

        Args:
            session: Of pytest.
            scoped: All events, and what each asks for beyond itself.
        """
        beyond = self._run.beyond
        sessions, run = scope_items(session, beyond, scoped)
        beyond.leave_out([one for one in sessions if not one.is_whole])
        if whole := [one for one in sessions if one.is_whole]:
            session.items[:] = with_sessions(scoped, whole)
        judged = [item for item in scoped if self._terms.has_verdict(item.target)]
        session.items += [*verdict_items(session, beyond, judged), *run]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Send ahead while items wait for their answers; end all calls whatever happens."""
        try:
            self._run.start(self._in_order(session))
            with seldom_garbage():
                return (yield)
        except LlmReplayError as error:
            raise refused(session.config, error) from None
        finally:
            self._run.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let reports say what is known of an event; its duration is its call's."""
        judged = None
        if isinstance(item, ReplayItem) and call.when == "call":
            judged = self._run.judged(item)
        # Before the reports are made: JUnit XML reads them from that of the teardown.
        item.user_properties = self._properties(item, judged)
        report = yield
        self._tell(report, item, judged)
        return report

    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> tuple[str, str, str] | None:
        """An answer that changed or diverged and did not fail has a letter and a count."""
        outcome = getattr(report, "llm_outcome", None)
        if outcome in {"changed", "diverged"} and report.passed:
            return outcome, outcome[0], outcome.upper()
        if getattr(report, "llm_verdict", None) == "inconclusive" and report.when == "call":
            return _inconclusive(report)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """An event that was not run, or an answer that was not accepted, makes the run fail."""
        if not self._run.complete and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            self._lean.drop_silent(reporter)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary of the run."""
        lines = self._run.summary_lines(terminalreporter.config.get_terminal_writer().fullwidth)
        if lines:
            terminalreporter.write_sep("=", "llm replay")
            for line in lines:
                terminalreporter.write_line(line)

    def _in_order(self, session: pytest.Session) -> Sequence[ReplayItem]:
        """The events as they are sent; what looks at sessions and at the run is put behind them."""
        events = [item for item in session.items if isinstance(item, ReplayItem)]
        verdicts = [item for item in session.items if isinstance(item, VerdictItem)]
        scopes = [item for item in session.items if isinstance(item, ScopeItem)]
        ordered = self._run.ordered(events)
        self._run.beyond.expect(scopes)
        sessions = with_sessions(ordered, [item for item in scopes if item.place])
        run = [item for item in scopes if not item.place]
        session.items[:] = [*sessions, *verdicts, *run]
        return ordered

    def _properties(self, item: pytest.Item, judged: Judged | None) -> list[tuple[str, object]]:
        if isinstance(item, VerdictItem):
            return verdict_properties(item.target, self._run.beyond.verdict(item))
        if isinstance(item, ScopeItem):
            return scope_properties(item.target.name, self._run.beyond.scope_word(item))
        return properties(judged.event_result) if judged else item.user_properties

    def _tell(self, report: pytest.TestReport, item: pytest.Item, judged: Judged | None) -> None:
        """Reports carry more than pytest knows, and of many equal ones no more than one."""
        if isinstance(item, VerdictItem):
            view = self._run.beyond.verdict(item)
            report.llm_verdict = view and view.outcome  # type: ignore[attr-defined]  # as it says
        if judged is not None:
            _tell_outcome(report, judged)
        if isinstance(item, ReplayItem):
            self._lean.share(item, report)


def _inconclusive(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str]:
    """Its own word; pytest counts it as failed all the same, where it fails."""
    return (
        ("failed", "F", "INCONCLUSIVE") if report.failed else ("inconclusive", "i", "INCONCLUSIVE")
    )


def _tell_outcome(report: pytest.TestReport, judged: Judged) -> None:
    report.llm_outcome = judged.event_result.outcome  # type: ignore[attr-defined]  # reports carry more
    if (took := judged.sampled.duration) is not None:
        report.duration = took
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (str(judged.item.path), judged.item.line, report.longrepr[2])


class Estimating:
    """Prints what a replay would cost, in place of running it; there with `--llm-estimate` alone.

    Args:
        config: Of pytest.
        terms: What would be replayed.
    """

    def __init__(self, config: pytest.Config, terms: RunTerms) -> None:
        self._run = ReplayRun(config, terms)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Print the estimate; no item runs, and nothing is sent."""
        try:
            self._run.estimate([item for item in session.items if isinstance(item, ReplayItem)])
        except LlmReplayError as error:
            raise refused(session.config, error) from None
        return True
