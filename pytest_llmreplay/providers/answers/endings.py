"""How an answer ended: what is the same in every API format."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llmreplay.event import FinishReason, Part, ToolCallPart

__all__ = ["ended_for_calls"]


def ended_for_calls(finish: FinishReason | None, parts: Iterable[Part]) -> FinishReason | None:
    """The class of an ending; one that asks for tools ended to ask for them, whatever it says."""
    calls = finish == "stop" and any(isinstance(part, ToolCallPart) for part in parts)
    return "tool_call" if calls else finish
