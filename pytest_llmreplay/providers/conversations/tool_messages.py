"""Conversations in which each result of a tool is a message of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_llmreplay.event import Json, Request, ToolCallPart
from pytest_llmreplay.providers.fields import as_text

from .transcript import ListedTranscript, ToolResult

__all__ = ["ToolMessages"]


class ToolMessages(ListedTranscript):
    """Reads and changes `messages`.

    Args:
        read: Reads the body of a request.
        taken: Keys of an answer's message that every server takes back. Thoughts are none: some
            want them, others refuse them.
    """

    def __init__(self, read: Callable[..., Request], *, taken: Sequence[str]) -> None:
        super().__init__("messages", read)
        self._taken = taken

    def spoken(self, body: Json) -> list[Json]:
        """The answer as the message that an application appends to its conversation."""
        message = self._message(body)
        return [{"role": "assistant", **message}] if message else []

    def answer(self, body: Json) -> list[Json]:
        """The message, if it says anything."""
        message = self._message(body) or {}
        taken = {key: message[key] for key in self._taken if message.get(key) not in (None, [])}
        return [{"role": "assistant", **self._sent_again(taken)}] if taken else []

    def results(self, entry: Json) -> list[ToolResult]:
        """The result that a tool's message brings; none where it is another message."""
        if not isinstance(entry, dict) or entry.get("role") != "tool":
            return []
        name = as_text(entry.get("tool_name")) or as_text(entry.get("name"))
        return [ToolResult(value=entry, id=as_text(entry.get("tool_call_id")), name=name)]

    def result(self, call: ToolCallPart, text: str) -> Json:  # noqa: ARG002 - the id says all
        """A message of a tool."""
        return {"role": "tool", "content": text}

    def _message(self, body: Json) -> dict[str, Json] | None:
        """The message of a plain answer."""
        match body:
            case {"message": dict() as message}:
                return message
        return None

    def _sent_again(self, message: dict[str, Json]) -> dict[str, Json]:
        """What was said, as a request tells it."""
        return message

    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        return result | {"tool_call_id": call.id or ""}
