"""The conversation of generateContent: its `contents`, in which calls may have no ids."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.conversations.tool_results import ResultBlocks
from pytest_llmreplay.providers.conversations.transcript import ToolResult
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.google_format import Names, stood
from pytest_llmreplay.providers.json_values import parse_json

from .assemble import told_values
from .request import read_request

__all__ = ["GenerateContentTranscript"]

_MODEL = "model"
_RESULT = "functionResponse"


class GenerateContentTranscript(ResultBlocks):
    """Reads and changes `contents`."""

    def __init__(self) -> None:
        super().__init__("contents", read_request, blocks="parts")

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The turns; one object stands for a list of one, as in all of Google's JSON."""
        turns = body.get("contents")
        return [turns] if isinstance(turns, dict) else super().entries(body)

    def spoken(self, body: Json) -> list[Json]:
        """The parts of the first candidate, with the signatures that have to go back."""
        match body:
            case {"candidates": [{"content": {"parts": [_, *_] as parts}}, *_]}:
                return [{"role": _MODEL, "parts": parts}]
        return []

    def pieces(self, chunks: Sequence[bytes]) -> list[Json]:
        """What each event says, as the chats of Google's own client tell a stream.

        https://github.com/googleapis/python-genai/blob/main/google/genai/chats.py
        """
        return [entry for value in told_values(b"".join(chunks)) for entry in self.spoken(value)]

    def answer(self, body: Json) -> list[Json]:
        """The content as `spoken` has it: any server takes all of its parts back."""
        return self.spoken(body)

    def result(self, call: ToolCallPart, text: str) -> Json:
        """A part; a text that is no JSON object is told as the output.

        https://ai.google.dev/api/caching#FunctionResponse
        """
        named: dict[str, Json] = {} if call.id is None else {"id": call.id}
        return {_RESULT: named | {"name": call.name, "response": _as_object(text)}}

    def _is_of_model(self, entry: Json) -> bool:
        return isinstance(entry, dict) and entry.get("role") == _MODEL

    def _blocks_of(self, entry: Json) -> list[Json]:
        if not isinstance(entry, dict) or self._is_of_model(entry):
            return []
        parts = entry.get("parts")
        return parts if isinstance(parts, list) else [parts] if isinstance(parts, dict) else []

    def _result_of(self, block: Json) -> ToolResult | None:
        result = Names(block).rest.get(_RESULT)
        if not isinstance(result, dict):
            return None
        return ToolResult(
            value=block, id=as_text(result.get("id")), name=as_text(result.get("name"))
        )

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        """The result; it names the call where it did so before and the call has an id."""
        key = stood(result, _RESULT)
        answered = result[key]
        rest = (
            {k: v for k, v in answered.items() if k != "id"} if isinstance(answered, dict) else {}
        )
        named = isinstance(answered, dict) and "id" in answered and call.id is not None
        return result | {key: rest | ({"id": call.id} if named else {})}


def _as_object(text: str) -> Json:
    try:
        value = parse_json(text)
    except ValueError:
        value = text
    return value if isinstance(value, dict) else {"output": text}
