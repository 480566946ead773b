"""Conversations in which one turn of the user's brings all results of tools, as blocks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from pytest_llmreplay.event import Json, Request, ToolCallPart

from .transcript import ListedTranscript, ToolResult

__all__ = ["ResultBlocks"]


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
