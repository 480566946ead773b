"""Things a user should hear at the end of a run, carried from workers by the reports."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

__all__ = ["Notices", "attach", "hear", "tell_now"]

_PLUGIN = "llmreplay-notices"
_ATTRIBUTE = "llm_notices"
"""Attribute of a report that carries them; xdist passes it on because it holds only strings."""


class Notices:
    """Sentences in the order in which they came, each once; a plugin of its own."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}

    def add(self, lines: Iterable[str]) -> None:
        """Add sentences."""
        self._lines.update(dict.fromkeys(lines))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take over what a report carries, from this process or from a worker."""
        self.add(getattr(report, _ATTRIBUTE, ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print them under a heading of their own, if there are any."""
        if not self._lines:
            return
        terminalreporter.write_sep("=", "llm cassettes")
        for line in self._lines:
            terminalreporter.write_line(line)


def hear(config: pytest.Config) -> None:
    """Print at the end of this run what its reports carry."""
    if not config.pluginmanager.has_plugin(_PLUGIN):
        config.pluginmanager.register(Notices(), _PLUGIN)


def attach(report: pytest.TestReport, lines: Iterable[str]) -> None:
    """Let a report carry sentences to where the summary is printed."""
    setattr(report, _ATTRIBUTE, [*getattr(report, _ATTRIBUTE, ()), *lines])


def tell_now(config: pytest.Config, lines: Iterable[str]) -> None:
    """Print sentences at the end of this process's run, where no report will carry them."""
    notices = config.pluginmanager.get_plugin(_PLUGIN)
    if isinstance(notices, Notices):
        notices.add(lines)
