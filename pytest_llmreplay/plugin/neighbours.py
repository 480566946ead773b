"""Other plugins that want the same names."""

from __future__ import annotations

import pytest

__all__ = ["refuse_mockllm"]


def refuse_mockllm(pluginmanager: pytest.PytestPluginManager) -> None:
    """Stop with one clear line where pytest-mockllm, which is installed, is active too.

    It defines `--llm-record` as well, and pytest allows an option only once.

    Raises:
        pytest.UsageError: It is not blocked.
    """
    if pluginmanager.is_blocked("mockllm"):
        return
    raise pytest.UsageError(
        "pytest-llmreplay and pytest-mockllm both define --llm-record and cannot run together: "
        "switch one of them off with `-p no:mockllm` or `-p no:llmreplay`, or uninstall it"
    )
