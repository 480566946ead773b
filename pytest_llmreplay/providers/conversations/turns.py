"""A conversation in the shape in which formats agree: instructions, then turns of two sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pytest_llmreplay.event import (
    Message,
    Part,
    Request,
    Role,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.providers.conversion.losses import Losses

__all__ = ["Turn", "conversation_of", "linked", "merged"]

_SYSTEM: frozenset[Role] = frozenset({"system", "developer"})
_SIDES: dict[Role, Literal["system", "developer", "user", "assistant"]] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "user",
}
_MARKS = ("content", "role", "tool_calls")
"""Keys with which decoding marks the shape of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side said before the other did; tool results are the user's side."""

    role: Literal["system", "developer", "user", "assistant"]
    parts: tuple[Part, ...]
    name: str | None = None


def conversation_of(request: Request, losses: Losses) -> tuple[list[Turn], list[Turn]]:
    """The leading instructions, one turn per message, and the turns after them.

    Consecutive messages of the assistant are one turn, as are consecutive tool results; messages
    of the user stay apart, as formats differ in whether they may stand side by side.
    """
    own = request.system_instructions
    leading = [Turn(role="system", parts=own)] if own else []
    turns: list[Turn] = []
    for message in request.messages:
        turn = _turn(message, losses)
        if message.role in _SYSTEM and not turns:
            leading.append(turn)
        else:
            turns.append(turn)
    return leading, merged(turns, _one_turn)


def merged(turns: Sequence[Turn], together: Callable[[Turn, Turn], bool]) -> list[Turn]:
    """The turns, with neighbours of one side joined where they belong together."""
    whole: list[Turn] = []
    for turn in turns:
        if whole and whole[-1].role == turn.role and together(whole[-1], turn):
            whole[-1] = replace(whole[-1], parts=whole[-1].parts + turn.parts)
        else:
            whole.append(turn)
    return whole


def linked(turns: Sequence[Turn], pattern: str, made: str, losses: Losses) -> list[Turn]:
    """The turns, with ids of calls that a format takes, and every result tied to its call.

    Args:
        turns: As the conversation has them.
        pattern: What an id of the format looks like.
        made: Begins the ids that are made; a number follows.
        losses: Is told of changed ids, of calls without a result and results without a call.
    """
    return _Linking(re.compile(pattern), made, losses).linked(turns)


def _turn(message: Message, losses: Losses) -> Turn:
    extra = {key: value for key, value in message.extra.items() if key not in _MARKS}
    if "phase" in extra:
        losses.add("message.phase")
        del extra["phase"]
    losses.keys(extra)
    if message.extra.get("role") not in (None, "function", "model"):
        losses.add("message.role")
    return Turn(role=_SIDES[message.role], parts=message.parts, name=message.name)


def _one_turn(before: Turn, after: Turn) -> bool:
    return before.role == "assistant" or (_only_results(before) and _only_results(after))


def _only_results(turn: Turn) -> bool:
    return all(isinstance(part, ToolCallResponsePart) for part in turn.parts)


class _Linking:
    def __init__(self, pattern: re.Pattern[str], made: str, losses: Losses) -> None:
        self._pattern, self._made, self._losses = pattern, made, losses
        self._used: set[str] = set()
        self._open: list[tuple[ToolCallPart, str]] = []

    def linked(self, turns: Sequence[Turn]) -> list[Turn]:
        whole = [replace(turn, parts=tuple(self._parts(turn))) for turn in turns]
        self._close()
        return whole

    def _parts(self, turn: Turn) -> Iterator[Part]:
        if turn.role == "assistant":
            self._close()
        elif turn.role == "user" and any(isinstance(part, TextPart) for part in turn.parts):
            # Words after the results: what is unanswered now stays unanswered.
            yield from map(self._part, turn.parts)
            self._close()
            return
        yield from map(self._part, turn.parts)

    def _part(self, part: Part) -> Part:
        match part:
            case ToolCallPart():
                call_id = self._id(part.id)
                self._open.append((part, call_id))
                return replace(part, id=call_id)
            case ToolCallResponsePart():
                return replace(part, id=self._answered(part))
            case _:
                return part

    def _answered(self, part: ToolCallResponsePart) -> str:
        place = self._place(part)
        if place is None:
            self._losses.add("tool_result.orphan")
            return self._id(part.id)
        return self._open.pop(place)[1]

    def _place(self, part: ToolCallResponsePart) -> int | None:
        """The open call that a result answers: by id, else by name and order."""
        ids = [call.id for call, _ in self._open]
        if part.id is not None:
            return ids.index(part.id) if part.id in ids else None
        names = [call.name for call, _ in self._open]
        if part.name is not None and part.name in names:
            return names.index(part.name)
        return 0 if self._open and part.name is None else None

    def _id(self, wanted: str | None) -> str:
        fits = wanted is not None and self._pattern.fullmatch(wanted) is not None
        call_id = wanted if fits and wanted not in self._used else self._make()
        assert call_id is not None
        if call_id != wanted:
            self._losses.add("~tool_id")
        self._used.add(call_id)
        return call_id

    def _make(self) -> str:
        number = len(self._used)
        while f"{self._made}{number:04d}" in self._used:
            number += 1
        return f"{self._made}{number:04d}"

    def _close(self) -> None:
        if self._open:
            self._losses.add("tool_result.missing")
            self._open.clear()
