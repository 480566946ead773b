"""Things a user should hear at the end of a run, carried from workers by the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_llmreplay.playback.commit import Committed

__all__ = ["Notices", "attach", "hear", "tell_now"]

_PLUGIN = "llmreplay-notices"
_ATTRIBUTE = "llm_notices"
"""Attribute of a report that carries them; xdist passes it on, as it holds only builtins."""


class Notices:
    """Sentences in the order in which they came, each once; a plugin of its own."""

    def __init__(self) -> None:
        self._told: dict[str, Mapping[str, int] | None] = {}

    def add(self, notices: Iterable[tuple[str, Mapping[str, int] | None]]) -> None:
        """Add sentences, those of recordings with what they count."""
        self._told.update(notices)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take over what a report carries, from this process or from a worker."""
        self.add(getattr(report, _ATTRIBUTE, ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print them under a heading of their own, if there are any."""
        if not self._told:
            return
        from pytest_llmreplay.report.cassettes.notices import notice_lines  # noqa: PLC0415 - few runs tell

        terminalreporter.write_sep("=", "llm cassettes")
        whole = terminalreporter.config.option.verbose > 0
        for line in notice_lines(self._told, whole=whole):
            terminalreporter.write_line(line)


def hear(config: pytest.Config) -> None:
    """Print at the end of this run what its reports carry."""
    if not config.pluginmanager.has_plugin(_PLUGIN):
        config.pluginmanager.register(Notices(), _PLUGIN)


def attach(report: pytest.TestReport, notices: Iterable[str | Committed]) -> None:
    """Let a report carry sentences to where the summary is printed."""
    setattr(report, _ATTRIBUTE, [*getattr(report, _ATTRIBUTE, ()), *map(_carried, notices)])


def tell_now(config: pytest.Config, lines: Iterable[str]) -> None:
    """Print sentences at the end of this process's run, where no report will carry them."""
    notices = config.pluginmanager.get_plugin(_PLUGIN)
    if isinstance(notices, Notices):
        notices.add((line, None) for line in lines)


def _carried(notice: str | Committed) -> tuple[str, dict[str, int] | None]:
    return (notice, None) if isinstance(notice, str) else (notice.text, dict(notice.counts))
