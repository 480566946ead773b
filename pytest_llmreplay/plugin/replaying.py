"""The replay mode: cassettes are collected, their events sent, the answers judged."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.roots import is_cassette
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.report.junit import properties, verdict_properties
from pytest_llmreplay.report.sanitise import safe, safe_line

from .arguments import Selection, selection
from .as_typed import paths_as_typed
from .collection import CassetteFile, ReplayItem
from .judgements import Judged
from .lean_reports import LeanReports
from .long_lived import made_to_stay, seldom_garbage
from .replay_run import ReplayRun
from .scope_items import ScopeItem, scope_items, with_sessions
from .settings import Settings
from .strays import refuse_record_mode
from .verdict_items import VerdictItem, verdict_items

__all__ = ["Replaying", "start_replaying"]


def start_replaying(config: pytest.Config) -> None:
    """Take collection over, and the distribution back.

    Raises:
        pytest.UsageError: An option is wrong, or a path has no cassette.
    """
    refuse_record_mode(config)
    try:
        settings = Settings.of(config)
        chosen = selection(config, settings)
        run = ReplayRun(config, settings, chosen.places)
    except LlmReplayError as error:
        raise _refused(config, error) from None
    config.args[:] = chosen.arguments
    config.pluginmanager.register(Replaying(config, run, chosen), "llmreplay-replaying")
    if settings.money.estimate:
        from .estimating import Estimating  # noqa: PLC0415 - few runs only estimate

        config.pluginmanager.register(Estimating(run), "llmreplay-estimating")


class Replaying:
    """Registered with `--llm-replay`."""

    def __init__(self, config: pytest.Config, run: ReplayRun, chosen: Selection) -> None:
        self._run, self._chosen = run, chosen
        self._lean = LeanReports()
        self._alone = _take_back_distribution(config)

    def pytest_report_header(self) -> list[str]:
        """Say that this run replays, and in one process."""
        alone = "; replays run in one process, -n is ignored" if self._alone else ""
        return [f"llm replay: {', '.join(self._run.terms.target_names)}{alone}"]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Make the items quickly, however many there are."""
        with made_to_stay():
            return (yield)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Test functions are not collected."""
        return True if collection_path.suffix == ".py" else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CassetteFile | None:
        """Collect a cassette."""
        if not self._chosen.holds(file_path) or not is_cassette(file_path):
            return None
        file: CassetteFile = CassetteFile.from_parent(parent, path=file_path)
        if file.nodeid != (place := safe_line(file.nodeid)):
            # Whoever sends a cassette chooses its name, and pytest prints it as it is.
            name = safe_line(file.name)
            file = CassetteFile.from_parent(parent, path=file_path, name=name, nodeid=place)
        file.terms, file.replayer = self._run.terms, self._run
        file.chosen = self._chosen.names(file_path)
        return file

    def pytest_report_collectionfinish(self) -> list[str]:
        """Say how many events are meant, where not all are."""
        return self._run.terms.filter_lines()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Put verdicts over the run behind all that was selected, and before it is listed."""
        items = [item for item in session.items if isinstance(item, ReplayItem)]
        terms, beyond = self._run.terms, self._run.beyond
        sessions, run = scope_items(session, beyond, items, terms.scoped)
        beyond.leave_out([one for one in sessions if not one.is_whole])
        if whole := [one for one in sessions if one.is_whole]:
            session.items[:] = with_sessions(items, whole)
        judged = [item for item in items if terms.has_verdict(item.target)]
        session.items += [*verdict_items(session, beyond, judged), *run]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Send ahead while items wait for their answers; end all calls whatever happens."""
        option = session.config.option
        if option.collectonly or option.setuponly or option.llm_estimate:
            return (yield)
        items = [item for item in session.items if isinstance(item, ReplayItem)]
        try:
            ordered = self._run.ordered(items)
            verdicts = [item for item in session.items if isinstance(item, VerdictItem)]
            scopes = [item for item in session.items if isinstance(item, ScopeItem)]
            self._run.beyond.expect(scopes)
            sessions = with_sessions(ordered, [item for item in scopes if item.place])
            run = [item for item in scopes if not item.place]
            session.items[:] = [*sessions, *verdicts, *run]
            self._run.start(ordered)
            with seldom_garbage():
                return (yield)
        except LlmReplayError as error:
            raise _refused(session.config, error) from None
        finally:
            self._run.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let reports say what is known of an event; its duration is its call's."""
        if isinstance(item, VerdictItem):
            word = self._run.beyond.verdict(item)
            item.user_properties = verdict_properties(item.target, word)
            report = yield
            report.llm_verdict = word  # type: ignore[attr-defined]  # reports carry more
            return report
        if isinstance(item, ScopeItem):
            word = self._run.beyond.scope_word(item)
            item.user_properties = verdict_properties(item.target.name, word)
        if not isinstance(item, ReplayItem):
            return (yield)
        judged = self._run.judged(item) if call.when == "call" else None
        if judged is not None:
            # Before the reports are made: JUnit XML reads them from that of the teardown.
            item.user_properties = properties(judged.told)
        report = yield
        if judged is not None:
            _tell(report, judged)
        self._lean.share(item, report)
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

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary of the run."""
        lines = self._run.summary_lines(terminalreporter.config.get_terminal_writer().fullwidth)
        if lines:
            terminalreporter.section("llm replay")
            for line in lines:
                terminalreporter.write_line(line)


def _inconclusive(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str]:
    """Its own word; pytest counts it as failed all the same, where it fails."""
    return (
        ("failed", "F", "INCONCLUSIVE") if report.failed else ("inconclusive", "i", "INCONCLUSIVE")
    )


def _tell(report: pytest.TestReport, judged: Judged) -> None:
    report.llm_outcome = judged.told.outcome  # type: ignore[attr-defined]  # reports carry more
    if (took := judged.sampled.duration) is not None:
        report.duration = took
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (str(judged.item.path), judged.item.line, report.longrepr[2])


def _refused(config: pytest.Config, error: LlmReplayError) -> pytest.UsageError:
    """An error as pytest reports wrong use, with paths as people type them."""
    return pytest.UsageError(safe(paths_as_typed(error, config.invocation_params.dir)))


def _take_back_distribution(config: pytest.Config) -> bool:
    """A worker learns its work one item ahead, so looking ahead in two pays for all twice."""
    if not getattr(config.option, "tx", None):
        return False
    config.option.dist, config.option.tx = "no", []
    return True
