"""The conversation of a chat completion: its `messages`."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.transcript import Listed

from .request import read_request

__all__ = ["ChatTranscript"]

_KEPT = ("content", "refusal", "function_call", "tool_calls")
"""Keys of an answer's message that a request may hold again."""
_THOUGHTS = frozenset(("reasoning", "reasoning_content", "reasoning_details"))
"""Keys that some servers want back, and others refuse."""


class ChatTranscript(Listed):
    """Reads and changes `messages`."""

    def __init__(self) -> None:
        super().__init__("messages", read_request)

    def answer(self, body: Json, told: Sequence[Json] = ()) -> list[Json]:
        """The message of the first choice, with the thoughts of one that is told with them."""
        also = (key for entry in told if isinstance(entry, dict) for key in entry)
        match body:
            case {"choices": [{"message": dict() as message}, *_]}:
                keys = dict.fromkeys((*_KEPT, *(key for key in also if key in _THOUGHTS)))
                said = {key: message[key] for key in keys if message.get(key) not in (None, [])}
                return [_message(said)] if said else []
        return []

    def results(self, entry: Json) -> list[tuple[str, Json]]:
        """A message of a tool; one of a function has no id but its name."""
        match entry:
            case {"role": "tool", "tool_call_id": str() as call}:
                return [(call, entry)]
            case {"role": "function", "name": str() as name}:
                return [(name, entry)]
        return []

    def result(self, text: str) -> Json:
        """A message of a tool."""
        return {"role": "tool", "content": text}

    def _answering(self, call: str, result: dict[str, Json]) -> Json:
        return result if result.get("role") == "function" else result | {"tool_call_id": call}


def _message(said: dict[str, Json]) -> Json:
    calls = said.get("tool_calls")
    told = {"tool_calls": [_call(call) for call in calls]} if isinstance(calls, list) else {}
    return {"role": "assistant", "content": None, **said, **told}


def _call(call: Json) -> Json:
    """A call without its place in a stream."""
    return {k: v for k, v in call.items() if k != "index"} if isinstance(call, dict) else call
