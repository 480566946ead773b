"""`--llm-estimate`: says what a replay would cost in the place of running it."""

from __future__ import annotations

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.report.sanitise import safe

from .collection import ReplayItem
from .replay_run import ReplayRun

__all__ = ["Estimating"]


class Estimating:
    """Registered with `--llm-estimate`.

    Args:
        run: Knows targets and prices.
    """

    def __init__(self, run: ReplayRun) -> None:
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Print the estimate; no item runs, and nothing is sent."""
        try:
            self._run.estimate([item for item in session.items if isinstance(item, ReplayItem)])
        except LlmReplayError as error:
            raise pytest.UsageError(safe(self._run.shown(error))) from None
        return True
