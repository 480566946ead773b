"""The conversation of Anthropic's format: its `messages`; users bring the results of tools."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.result_blocks import ResultBlocks
from pytest_llmreplay.providers.transcript import ToolResult

from .request import read_request

__all__ = ["MessagesTranscript"]


class MessagesTranscript(ResultBlocks):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__("messages", read_request)

    def spoken(self, body: Json) -> list[Json]:
        """The blocks of the answer; a message without any may stand in no request."""
        match body:
            case {"content": [_, *_] as blocks}:
                return [{"role": "assistant", "content": blocks}]
        return []

    def answer(self, body: Json) -> list[Json]:
        """The same without nulls, which are no part of a request."""
        return [_without_nulls(entry) for entry in self.spoken(body)]

    def result(self, call: ToolCallPart, text: str) -> Json:  # noqa: ARG002 - the id says all
        """A block."""
        return {"type": "tool_result", "content": text}

    def _blocks_of(self, entry: Json) -> list[Json]:
        match entry:
            case {"role": "user", "content": [*blocks]}:
                return blocks
            case {"role": "user", "content": str() as text}:
                return [{"type": "text", "text": text}]
        return []

    def _result_of(self, block: Json) -> ToolResult | None:
        match block:
            case {"type": "tool_result", "tool_use_id": str() as call}:
                return ToolResult(value=block, id=call)
        return None

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        return result | {"tool_use_id": call.id or ""}


def _without_nulls(entry: Json) -> Json:
    """A message whose blocks hold no `citations: null`, as plain answers do."""
    match entry:
        case {"content": [*blocks]}:
            kept = [
                {key: value for key, value in block.items() if value is not None}
                for block in blocks
                if isinstance(block, dict)
            ]
            return {"role": "assistant", "content": [*kept]}
    return entry
