"""Deltas put into blocks, one after another, for formats that tell one block at a time."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pytest_llmreplay.event import Json, Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from pytest_llmreplay.providers.tools.arguments import parse_arguments
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .delta import Arguments, CallBegins, CallEnds, Delta, Kind, Words

__all__ = ["Block", "InOrder", "Step"]


@dataclass(slots=True, kw_only=True)
class Block:
    """Words of one kind, or one call."""

    number: int
    """Counted from 0."""
    kind: Kind | Literal["call"]
    id: str | None = None
    name: str = ""
    custom: bool = False
    text: list[str] = field(default_factory=list)
    """Words or arguments so far."""
    over: bool = False
    """Whether nothing more can come."""

    @property
    def part(self) -> Part:
        """The part that the block is so far."""
        text = "".join(self.text)
        match self.kind:
            case "text":
                return TextPart(content=text)
            case "refusal":
                return RefusalPart(content=text)
            case "reasoning":
                return ReasoningPart(content=text)
            case "call":
                return self._call(text)

    def _call(self, text: str) -> Part:
        value, raw = (text, text) if self.custom else parse_arguments(text or "{}")
        extra: dict[str, Json] = {"type": CUSTOM} if self.custom else {}
        return ToolCallPart(
            id=self.id, name=self.name, arguments=value, arguments_raw=raw, extra=extra
        )


Step: TypeAlias = tuple[Literal["open", "close"], Block] | tuple[Literal["more"], Block, str]
"""A block opens, gets more text, or closes."""


class InOrder:
    """Keeps back what belongs to a later block while an earlier one is open.

    Servers may tell calls side by side. Words are over when something else begins; a call when it
    is said, or when another begins and its arguments are whole; else it is open to the end.
    """

    def __init__(self) -> None:
        self._count = 0
        self._calls: dict[int, Block] = {}
        self._open: Block | None = None
        self._waiting: deque[Block] = deque()

    def take(self, delta: Delta) -> Iterator[Step]:
        """The steps that can be told now."""
        match delta:
            case Words(kind, text):
                yield from self._say(kind, text)
            case CallBegins(place, call_id, name, custom):
                self._calls[place] = call = self._made("call", call_id, name, custom=custom)
                yield from self._begin(call)
            case Arguments(place, text) if place in self._calls:
                yield from self._add(self._calls[place], text)
            case CallEnds(place) if place in self._calls:
                self._calls[place].over = True
                yield from self._go_on()
            case _:
                pass

    def close(self) -> Iterator[Step]:
        """The steps that are left at the end."""
        for block in (self._open, *self._waiting):
            if block is not None:
                block.over = True
        yield from self._go_on()

    def _say(self, kind: Kind, text: str) -> Iterator[Step]:
        last = self._waiting[-1] if self._waiting else self._open
        if last is not None and last.kind == kind:
            yield from self._add(last, text)
        else:
            words = self._made(kind)
            words.text.append(text)
            yield from self._begin(words)

    def _made(
        self,
        kind: Kind | Literal["call"],
        call_id: str | None = None,
        name: str = "",
        *,
        custom: bool = False,
    ) -> Block:
        self._count += 1
        return Block(number=self._count - 1, kind=kind, id=call_id, name=name, custom=custom)

    def _begin(self, block: Block) -> Iterator[Step]:
        for before in (self._open, *self._waiting):
            if before is not None and (before.kind != "call" or _is_whole(before)):
                before.over = True
        self._waiting.append(block)
        yield from self._go_on()

    def _add(self, block: Block, text: str) -> Iterator[Step]:
        block.text.append(text)
        if block is self._open:
            yield "more", block, text

    def _go_on(self) -> Iterator[Step]:
        """Close what is over, and open what comes next."""
        while True:
            if self._open is not None:
                if not self._open.over:
                    return
                yield "close", self._open
            self._open = self._waiting.popleft() if self._waiting else None
            if self._open is None:
                return
            yield "open", self._open
            if self._open.text:
                yield "more", self._open, "".join(self._open.text)


def _is_whole(call: Block) -> bool:
    """Whether arguments are JSON, to which nothing can be added."""
    try:
        return isinstance(json.loads("".join(call.text)), dict)
    except (ValueError, RecursionError):
        return False
