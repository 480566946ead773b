"""The terminal, where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

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

    @property
    def is_verbose(self) -> bool:
        """Whether more is wanted, by `-v`."""
        return self._config.get_verbosity() > 0

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines, beginning with a new one, also while an item runs; nothing for none."""
        lines = list(lines)
        if self._reporter and lines:
            with self._uncaptured():
                self._reporter.ensure_newline()
                for line in lines:
                    self._reporter.write_line(line)

    def _uncaptured(self) -> AbstractContextManager[None]:
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        # As pytest's own live log does it.
        return capture.global_and_fixture_disabled() if capture else nullcontext()

    @property
    def _reporter(self) -> pytest.TerminalReporter | None:
        reporter: pytest.TerminalReporter | None = self._config.pluginmanager.get_plugin(
            "terminalreporter"
        )
        return reporter
