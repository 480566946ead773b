"""The conversation of a chat completion: its `messages`."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.tool_results import ToolMessages
from pytest_llmreplay.providers.conversations.transcript import ToolResult

from .request import read_request

__all__ = ["ChatTranscript"]

_TAKEN = ("content", "refusal", "function_call", "tool_calls")


class ChatTranscript(ToolMessages):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__(read_request, taken=_TAKEN)

    def results(self, entry: Json) -> list[ToolResult]:
        """A message of a tool; one of a function has no id but its name."""
        match entry:
            case {"role": "function", "name": str() as name}:
                return [ToolResult(value=entry, name=name)]
        return super().results(entry)

    def _message(self, body: Json) -> dict[str, Json] | None:
        match body:
            case {"choices": [{"message": dict() as message}, *_]}:
                return message
        return None

    def _sent_again(self, message: dict[str, Json]) -> dict[str, Json]:
        calls = message.get("tool_calls")
        kept_calls = (
            {"tool_calls": [_call(call) for call in calls]} if isinstance(calls, list) else {}
        )
        return {"content": None, **message, **kept_calls}

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        if result.get("role") == "function":
            return result
        return super()._answering(call, result)


def _call(call: Json) -> Json:
    """A call without its place in a stream."""
    return {k: v for k, v in call.items() if k != "index"} if isinstance(call, dict) else call
