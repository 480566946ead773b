"""What users say that a tool answers, by the hook `pytest_llmreplay_tool`."""

from __future__ import annotations

import pytest

from pytest_llmreplay.cassette.json_dump import plain_json
from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.sessions.tool_results import ToolAnswer

__all__ = ["tool_answers"]

_HOOK = "pytest_llmreplay_tool"


def tool_answers(config: pytest.Config) -> ToolAnswer:
    """Asks the hook; it may raise `ReplayError`, which fails the event."""

    def answer(name: str, arguments: Json) -> str | None:
        try:
            given = config.hook.pytest_llmreplay_tool(name=name, arguments=arguments)
            return given if given is None or isinstance(given, str) else plain_json(given)
        except Exception as error:
            problem = f"{_HOOK}: {type(error).__name__}: {error}"
            raise ReplayError(problem) from error

    return answer
