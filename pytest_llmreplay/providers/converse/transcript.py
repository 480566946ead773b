"""The conversation of converse: its `messages`; users bring the results of tools."""

from __future__ import annotations

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.tool_results import ResultBlocks
from pytest_llmreplay.providers.conversations.transcript import ToolResult
from pytest_llmreplay.providers.fields import as_object, as_text

from .request import read_request

__all__ = ["ConverseTranscript"]

_RESULT, _ID = "toolResult", "toolUseId"


class ConverseTranscript(ResultBlocks):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__("messages", read_request)

    def spoken(self, body: Json) -> list[Json]:
        """The message of the answer; one without blocks may stand in no request."""
        match body:
            case {"output": {"message": {"content": [_, *_] as blocks}}}:
                return [{"role": "assistant", "content": blocks}]
        return []

    def answer(self, body: Json) -> list[Json]:
        """The message as `spoken` has it: any server takes all of its blocks back."""
        return self.spoken(body)

    def result(self, call: ToolCallPart, text: str) -> Json:  # noqa: ARG002 - the id says all
        """The block that brings the result of a call."""
        return {_RESULT: {"content": [{"text": text}]}}

    def _blocks_of(self, entry: Json) -> list[Json]:
        match entry:
            case {"role": "user", "content": [*blocks]}:
                return blocks
        return []

    def _result_of(self, block: Json) -> ToolResult | None:
        match block:
            case {"toolResult": dict() as told}:
                return ToolResult(value=block, id=as_text(told.get(_ID)))
        return None

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        inner = as_object(result[_RESULT])
        return result | {_RESULT: inner | {_ID: call.id or ""}}
