"""The conversation of Ollama's chat: its `messages`, whose calls mostly have no ids."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.tool_messages import ToolMessages

from .request import read_request

__all__ = ["OllamaTranscript"]

_ID = "tool_call_id"


class OllamaTranscript(ToolMessages):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__(read_request, taken=("content", "tool_calls"))

    def result(self, call: ToolCallPart, text: str) -> Json:
        """A message of a tool, which goes by its name."""
        return {"role": "tool", "tool_name": call.name, "content": text}

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        """The result; it names the call where it did so before and the call has an id."""
        rest = {key: value for key, value in result.items() if key != _ID}
        return rest | {_ID: call.id} if _ID in result and call.id else rest
