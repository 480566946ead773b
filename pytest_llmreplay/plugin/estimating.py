"""`--llm-estimate`: says what a replay would cost in the place of running it."""

from __future__ import annotations

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.items.collection import ReplayItem
from pytest_llmreplay.plugin.terms.run_terms import RunTerms

from .as_typed import refused
from .replay_run import ReplayRun

__all__ = ["Estimating"]


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
