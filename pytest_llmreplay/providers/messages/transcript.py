"""The conversation of Anthropic's format: its `messages`; users bring the results of tools."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.result_blocks import ResultBlocks
from pytest_llmreplay.providers.transcript import ToolResult

from .request import read_request

__all__ = ["MessagesTranscript"]


class MessagesTranscript(ResultBlocks):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__("messages", read_request)

    def answer(self, body: Json, told: Sequence[Json] = ()) -> list[Json]:  # noqa: ARG002 - blocks are told whole
        """The blocks of the answer; a message without any may stand in no request."""
        match body:
            case {"content": [_, *_] as blocks}:
                return [{"role": "assistant", "content": [_without_nulls(one) for one in blocks]}]
        return []

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


def _without_nulls(block: Json) -> Json:
    """SDKs write `citations: null`, which is no part of a request."""
    if not isinstance(block, dict):
        return block
    return {key: value for key, value in block.items() if value is not None}
