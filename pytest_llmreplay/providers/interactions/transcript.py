"""The conversation of interactions: the steps of `input`."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.transcript import ListedTranscript, ToolResult

from .request import listed, read_request
from .steps import RESULT

__all__ = ["InteractionsTranscript"]


class InteractionsTranscript(ListedTranscript):
    """Reads and changes `input`."""

    def __init__(self) -> None:
        super().__init__("input", read_request)

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The steps; what goes on from a stored interaction does not hold the conversation."""
        if body.get("previous_interaction_id"):
            return None
        return listed(body.get("input")) or None

    def spoken(self, body: Json) -> list[Json]:
        """The steps of an answer, with the signatures that have to go back."""
        match body:
            case {"steps": [*steps]}:
                return steps
        return []

    def answer(self, body: Json) -> list[Json]:
        """The steps as `spoken` has them: Google takes back what it gave."""
        return self.spoken(body)

    def results(self, entry: Json) -> list[ToolResult]:
        """A step that a tool's result is."""
        match entry:
            case {"type": str() as kind, "call_id": str() as call} if kind == RESULT:
                return [ToolResult(value=entry, id=call)]
        return []

    def result(self, call: ToolCallPart, text: str) -> Json:
        """A step."""
        return {"type": RESULT, "name": call.name, "result": text}

    def _is_of_model(self, entry: Json) -> bool:
        return any(message.role == "assistant" for message in self._messages([entry]))

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        return result | {"call_id": call.id or ""}
