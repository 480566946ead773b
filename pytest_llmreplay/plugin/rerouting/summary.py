"""The summary of `--llm-replay-tests`, over all workers."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmreplay.plugin.shared_money import ledger_of
from pytest_llmreplay.report.rerouted import ReroutedTally, rerouted_lines

__all__ = ["WORKER_OUTPUT", "ReroutedSummary", "summary_of"]

WORKER_OUTPUT = "llm_rerouted"
"""Under which a worker hands its target and its sums on."""
_PLUGIN = "llmreplay-rerouted"


class ReroutedSummary:
    """Sums, and says at the end of the run what they are."""

    def __init__(self) -> None:
        self._target = ""
        self._tally = ReroutedTally()

    def add(self, target: str, tally: ReroutedTally) -> None:
        """Take the sums of a process in."""
        self._target = target
        self._tally.add(tally)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ARG002  # of pytest-xdist
        """Take the sums of a worker in; one that died has none."""
        output = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT)
        if output is not None:
            self.add(output[0], ReroutedTally(**output[1]))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the sums, if there was a call."""
        width = terminalreporter.config.get_terminal_writer().fullwidth
        ledger = ledger_of(terminalreporter.config)
        sums = None if ledger is None else ledger.sums()
        lines = rerouted_lines(self._tally, self._target, width, sums)
        if lines:
            terminalreporter.write_sep("=", "llm replay of tests")
            for line in lines:
                terminalreporter.write_line(line)


def summary_of(config: pytest.Config) -> ReroutedSummary:
    """The summary of a run, which is made when it is first asked for."""
    found = config.pluginmanager.get_plugin(_PLUGIN)
    if not isinstance(found, ReroutedSummary):
        found = ReroutedSummary()
        config.pluginmanager.register(found, _PLUGIN)
    return found
