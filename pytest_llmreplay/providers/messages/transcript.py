"""The conversation of Anthropic's format: its `messages`; users bring the results of tools."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.transcript import Listed

from .request import read_request

__all__ = ["MessagesTranscript"]


class MessagesTranscript(Listed):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__("messages", read_request)

    def answer(self, body: Json, told: Sequence[Json] = ()) -> list[Json]:  # noqa: ARG002 - blocks are told whole
        """The blocks of the answer; a message without any may stand in no request."""
        match body:
            case {"content": [_, *_] as blocks}:
                return [{"role": "assistant", "content": [_without_nulls(one) for one in blocks]}]
        return []

    def results(self, entry: Json) -> list[tuple[str, Json]]:
        """The blocks `tool_result` of a message."""
        return [
            (call, block) for block in _blocks(entry) if (call := _result_of(block)) is not None
        ]

    def with_results(
        self, entries: Sequence[Json], results: Sequence[tuple[str, Json]]
    ) -> list[Json]:
        """One message: the results, and behind them whatever else the user brought."""
        told = self._answers(results)
        rest = [block for entry in entries for block in _blocks(entry) if _result_of(block) is None]
        return [{"role": "user", "content": [*told, *rest]}] if told or rest else []

    def result(self, text: str) -> Json:
        """A block."""
        return {"type": "tool_result", "content": text}

    def _answering(self, call: str, result: dict[str, Json]) -> Json:
        return result | {"tool_use_id": call}


def _blocks(entry: Json) -> list[Json]:
    match entry:
        case {"role": "user", "content": [*blocks]}:
            return blocks
        case {"role": "user", "content": str() as text}:
            return [{"type": "text", "text": text}]
    return []


def _result_of(block: Json) -> str | None:
    match block:
        case {"type": "tool_result", "tool_use_id": str() as call}:
            return call
    return None


def _without_nulls(block: Json) -> Json:
    """SDKs write `citations: null`, which is no part of a request."""
    if not isinstance(block, dict):
        return block
    return {key: value for key, value in block.items() if value is not None}
