"""Conversations by where they bring results of tools: in messages of their own, or in one turn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from pytest_llmreplay.event import Json, Request, ToolCallPart
from pytest_llmreplay.providers.fields import as_text

from .transcript import ListedTranscript, ToolResult

__all__ = ["ResultBlocks", "ToolMessages"]


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


class ResultBlocks(ListedTranscript):
    """Reads and changes a list of turns.

    Args:
        key: Of the list.
        read: Reads the body of a request.
        blocks: Key of the blocks of a turn.
    """

    def __init__(self, key: str, read: Callable[..., Request], *, blocks: str = "content") -> None:
        super().__init__(key, read)
        self._blocks = blocks

    def results(self, entry: Json) -> list[ToolResult]:
        """The results among the blocks of a turn."""
        found = map(self._result_of, self._blocks_of(entry))
        return [result for result in found if result is not None]

    def with_results(
        self, entries: Sequence[Json], results: Sequence[tuple[ToolCallPart, Json]]
    ) -> list[Json]:
        """One turn: the results, and behind them whatever else the user brought."""
        blocks = (block for entry in entries for block in self._blocks_of(entry))
        rest = [block for block in blocks if self._result_of(block) is None]
        new = [*self._answers(results), *rest]
        head = next((entry for entry in entries if isinstance(entry, dict)), {"role": "user"})
        return [head | {self._blocks: new}] if new else []

    @abstractmethod
    def _blocks_of(self, entry: Json) -> list[Json]:
        """The blocks of a turn; none where it is not the user's."""

    @abstractmethod
    def _result_of(self, block: Json) -> ToolResult | None:
        """The result that a block is, if it is one."""
