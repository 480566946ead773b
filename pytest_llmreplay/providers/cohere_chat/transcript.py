"""The conversation of Cohere's chat: its `messages`."""

from __future__ import annotations

from pytest_llmreplay.providers.conversations.tool_messages import ToolMessages

from .request import read_request

__all__ = ["CohereTranscript"]

_TAKEN = ("content", "tool_plan", "tool_calls")


class CohereTranscript(ToolMessages):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__(read_request, taken=_TAKEN)
