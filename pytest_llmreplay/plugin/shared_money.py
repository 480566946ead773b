"""One ledger for all workers of `--llm-replay-tests`."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.replay.money.shared import SharedLedger
from pytest_llmreplay.report.text.sanitise import safe

__all__ = ["ledger_of", "share_money"]

_LEDGER = "llm_ledger"
"""Under which a worker is told the file of the ledger."""
_PLUGIN = "llmreplay-shared-money"


class SharedMoney:
    """Registered where a run with a limit is led; a worker is only told of the ledger.

    Args:
        ledger: Of the run.
    """

    def __init__(self, ledger: SharedLedger) -> None:
        self.ledger = ledger

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # of pytest-xdist
        """Tell a worker of the ledger."""
        node.workerinput[_LEDGER] = str(self.ledger.path)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """A run that passed its limit is not green; its last calls are charged by now."""
        result = yield
        if self.ledger.sums().passed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    def pytest_unconfigure(self) -> None:
        """Remove the ledger."""
        self.ledger.remove()


def share_money(config: pytest.Config) -> None:
    """Begin the ledger of a run, where money is limited.

    Raises:
        pytest.UsageError: It cannot be written.
    """
    cap = config.getoption("llm_max_cost")
    if cap is None or hasattr(config, "workerinput"):
        return
    try:
        ledger = SharedLedger.create(config.rootpath, cap)
    except LlmReplayError as error:
        raise pytest.UsageError(safe(str(error))) from None
    config.pluginmanager.register(SharedMoney(ledger), _PLUGIN)


def ledger_of(config: pytest.Config) -> SharedLedger | None:
    """The ledger of a run; none where money is not limited."""
    path = getattr(config, "workerinput", {}).get(_LEDGER)
    if path is not None:
        return SharedLedger(Path(path))
    found = config.pluginmanager.get_plugin(_PLUGIN)
    return found.ledger if isinstance(found, SharedMoney) else None
