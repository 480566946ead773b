"""The conversation of Anthropic's format: its `messages`; users bring the results of tools."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.tool_results import ResultBlocks
from pytest_llmreplay.providers.conversations.transcript import ToolResult

from .request import read_request
from .threads import goes_on_from

__all__ = ["MessagesTranscript"]


class MessagesTranscript(ResultBlocks):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__("messages", read_request)

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The turns; what goes on with a stored conversation does not hold it."""
        return super().entries(body) if goes_on_from(body) is None else None

    def spoken(self, body: Json) -> list[Json]:
        """The blocks of the answer; a message without any may stand in no request."""
        return _message(_blocks_said(body))

    def answer(self, body: Json) -> list[Json]:
        """The blocks without nulls such as `citations`, which are no part of a request."""
        return _message([_without_nulls(block) for block in _blocks_said(body)])

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


def _blocks_said(body: Json) -> list[Json]:
    match body:
        case {"content": [*blocks]}:
            return blocks
    return []


def _message(blocks: list[Json]) -> list[Json]:
    return [{"role": "assistant", "content": blocks}] if blocks else []


def _without_nulls(block: Json) -> Json:
    if not isinstance(block, dict):
        return block
    return {key: value for key, value in block.items() if value is not None}
