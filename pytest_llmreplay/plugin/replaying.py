"""The replay mode: cassettes are collected, their events sent, the answers judged."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from pytest_llmreplay.errors import LlmReplayError

from .arguments import cassette_arguments
from .collection import CassetteFile, ReplayItem, is_cassette
from .replay_run import ReplayRun
from .settings import Settings

__all__ = ["Replaying", "start_replaying"]


def start_replaying(config: pytest.Config) -> None:
    """Take collection over, and the distribution back.

    Raises:
        pytest.UsageError: An option is wrong, or a path has no cassette.
    """
    try:
        settings = Settings.of(config)
        config.args[:] = cassette_arguments(config, settings)
        run = ReplayRun(config, settings)
    except LlmReplayError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Replaying(config, run), "llmreplay-replaying")


class Replaying:
    """Registered with `--llm-replay`."""

    def __init__(self, config: pytest.Config, run: ReplayRun) -> None:
        self._run = run
        self._alone = _take_back_distribution(config)

    def pytest_report_header(self) -> list[str]:
        """Say that this run replays, and in one process."""
        alone = "; replays run in one process, -n is ignored" if self._alone else ""
        return [f"llm replay: {', '.join(self._run.target_names)}{alone}"]

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Test functions are not collected."""
        return True if collection_path.suffix == ".py" else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CassetteFile | None:
        """Collect a cassette."""
        if not is_cassette(file_path):
            return None
        file: CassetteFile = CassetteFile.from_parent(parent, path=file_path)
        file.replayer = self._run
        return file

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Send ahead while items wait for their answers; end all calls whatever happens."""
        if session.config.option.collectonly:
            return (yield)
        items = [item for item in session.items if isinstance(item, ReplayItem)]
        try:
            self._run.start(items)
        except LlmReplayError as error:
            self._run.stop()
            raise pytest.UsageError(str(error)) from None
        try:
            return (yield)
        finally:
            self._run.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """An item's duration is its call's; its failure is a text."""
        report = yield
        if isinstance(item, ReplayItem) and call.when == "call":
            self._run.complete(item, report)
        return report

    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> tuple[str, str, str] | None:
        """A changed answer has a letter and a count of its own."""
        if getattr(report, "llm_outcome", None) == "changed" and report.passed:
            return "changed", "c", "CHANGED"
        return None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary of the run."""
        lines = self._run.summary_lines(terminalreporter.config.get_terminal_writer().fullwidth)
        if lines:
            terminalreporter.section("llm replay")
            for line in lines:
                terminalreporter.write_line(line)


def _take_back_distribution(config: pytest.Config) -> bool:
    """A worker learns its work one item ahead, so looking ahead in two pays for all twice."""
    if not getattr(config.option, "tx", None):
        return False
    config.option.dist, config.option.tx = "no", []
    return True
