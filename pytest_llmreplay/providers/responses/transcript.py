"""The conversation of OpenAI's responses: the items of `input`."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.transcript import ListedTranscript, ToolResult

from .request import read_request

__all__ = ["ResponsesTranscript"]

_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
_OF_STORE = frozenset({"id", "status"})
"""What names an item that the provider keeps; reasoning alone cannot do without its id."""


class ResponsesTranscript(ListedTranscript):
    """Reads and changes `input`."""

    def __init__(self) -> None:
        super().__init__("input", read_request)

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The items; what goes on with a stored conversation does not hold it."""
        if body.get("previous_response_id") or body.get("conversation"):
            return None
        if isinstance(words := body.get("input"), str):
            return [{"role": "user", "content": words}]
        return super().entries(body)

    def spoken(self, body: Json) -> list[Json]:
        """The items of the output."""
        match body:
            case {"output": [*items]}:
                return items
        return []

    def answer(self, body: Json) -> list[Json]:
        """The items without ids of the provider's store and thoughts that only it can read."""
        return [_sent_again(item) for item in self.spoken(body) if not _is_kept_thought(item)]

    def results(self, entry: Json) -> list[ToolResult]:
        """An item that a tool's output is."""
        match entry:
            case {"type": str() as kind, "call_id": str() as call} if kind in _RESULTS:
                return [ToolResult(value=entry, id=call)]
        return []

    def result(self, call: ToolCallPart, text: str) -> Json:  # noqa: ARG002 - the id says all
        """An item."""
        return {"type": "function_call_output", "output": text}

    def _is_of_model(self, entry: Json) -> bool:
        return any(message.role == "assistant" for message in self._messages([entry]))

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        return _unkept(result) | {"call_id": call.id or ""}


def _is_kept_thought(item: Json) -> bool:
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    return not item.get("encrypted_content")


def _sent_again(item: Json) -> Json:
    if not isinstance(item, dict) or item.get("type") == "reasoning":
        return item
    return _unkept(item)


def _unkept(item: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in item.items() if key not in _OF_STORE}
