"""Other plugins that want the same names."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

__all__ = ["refuse_conflicts"]


def refuse_conflicts(pluginmanager: pytest.PytestPluginManager) -> None:
    """Stop with one clear line where pytest-mockllm is active too.

    It defines `--llm-record` as well, and pytest allows an option only once.

    Raises:
        pytest.UsageError: It is installed and not blocked.
    """
    if find_spec("pytest_mockllm") is None or pluginmanager.is_blocked("mockllm"):
        return
    raise pytest.UsageError(
        "pytest-llmreplay and pytest-mockllm both define --llm-record and cannot run together: "
        "switch one of them off with `-p no:mockllm` or `-p no:llmreplay`, or uninstall it"
    )
