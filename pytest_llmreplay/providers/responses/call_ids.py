"""Which result answers which call, and ids that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import Message, ToolCallPart, ToolCallResponsePart
from pytest_llmreplay.providers.losses import Losses

__all__ = ["CallIds"]

_LONGEST = 64


class CallIds:
    """The id of every call and result of a conversation, by its place.

    Ids that are empty, or that a later turn uses again, are made anew. A result belongs to the
    latest call of its id that has none yet; without an id, to the first one of its name.

    Args:
        messages: The conversation.
        losses: Learns which results are missing, which calls, and whether ids changed.
    """

    def __init__(self, messages: Iterable[Message], losses: Losses) -> None:
        self._ids: dict[int, str] = {}
        self._calls: dict[int, ToolCallPart] = {}
        self._open: list[ToolCallPart] = []
        self._used: set[str] = set()
        self._losses = losses
        for part in _parts(messages):
            if isinstance(part, ToolCallPart):
                self._know(part)
            else:
                self._answer(part)
        if self._open:
            losses.add("tool_result.missing")

    def of(self, part: ToolCallPart | ToolCallResponsePart) -> str:
        """The id to write."""
        return self._ids[id(part)]

    def call_of(self, result: ToolCallResponsePart) -> ToolCallPart | None:
        """The call that a result answers."""
        return self._calls.get(id(result))

    def _know(self, call: ToolCallPart) -> None:
        known = call.id
        if not known or known in self._used or len(known) > _LONGEST:
            known = self._made()
            self._losses.add("~tool_id")
        self._used.add(known)
        self._ids[id(call)] = known
        self._open.append(call)

    def _answer(self, result: ToolCallResponsePart) -> None:
        call = self._asked(result)
        if call is None:
            self._losses.add("tool_result.orphan")
            self._ids[id(result)] = result.id or self._made()
            return
        self._open = [other for other in self._open if other is not call]
        self._ids[id(result)] = self._ids[id(call)]
        self._calls[id(result)] = call

    def _asked(self, result: ToolCallResponsePart) -> ToolCallPart | None:
        if result.id:
            return next((call for call in reversed(self._open) if call.id == result.id), None)
        named = (call for call in self._open if result.name in {None, call.name})
        return next(named, None)

    def _made(self) -> str:
        number = len(self._ids)
        while (made := f"call_{number}") in self._used:
            number += 1
        return made


def _parts(messages: Iterable[Message]) -> Iterator[ToolCallPart | ToolCallResponsePart]:
    for message in messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart | ToolCallResponsePart):
                yield part
