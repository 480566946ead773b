"""The terminal, where there is one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

__all__ = ["Screen"]

_WIDTH = 80


class Screen:
    """Writes between pytest's own lines; with `-p no:terminal` it is silent."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @property
    def width(self) -> int:
        """Columns of a line."""
        return self._config.get_terminal_writer().fullwidth if self._reporter else _WIDTH

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines, beginning with a new one; nothing where there are none."""
        lines = list(lines)
        if self._reporter and lines:
            self._reporter.ensure_newline()
            for line in lines:
                self._reporter.write_line(line)

    @property
    def _reporter(self) -> pytest.TerminalReporter | None:
        reporter: pytest.TerminalReporter | None = self._config.pluginmanager.get_plugin(
            "terminalreporter"
        )
        return reporter
