"""What the tools of a session answered, for the calls that a target makes now."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from pytest_llmreplay.compare.answers.arguments import canonical
from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.providers.conversations.transcript import Transcript

from .conversation import Part
from .quotations import Quotations, Quoted, meaning

__all__ = ["ToolAnswer", "ToolResults", "shown_call"]

ToolAnswer = Callable[[str, Json], str | None]
"""Answers a call by its name and its arguments; none where it cannot."""

_SHOWN = 120


class ToolResults:
    """The recorded results of a session, each once; no tool is ever run.

    Args:
        events: Of the session, as recorded.
        quotations: What their requests quote.
        tool: Asked for what the recording does not know.
    """

    def __init__(self, events: Sequence[Event], quotations: Quotations, tool: ToolAnswer) -> None:
        self._events, self._quotations, self._tool = events, quotations, tool

    def answering(self, call: ToolCallPart, api: str, transcript: Transcript) -> Json | None:
        """The result of a call, in the words of a format, but for its id; none where nobody knows.

        Raises:
            ReplayError: The hook raised.
        """
        if known := self._known.get((api, meaning(call))):
            return known.pop(0)
        text = self._tool(call.name, call.arguments)
        return None if text is None else transcript.result(call, text)

    @cached_property
    def _known(self) -> dict[tuple[str, str], list[Json]]:
        """Every result that the session has, by format and by the call that it answers."""
        found: dict[tuple[str, str], list[Json]] = defaultdict(list)
        seen: set[tuple[str, object, int]] = set()
        for place, event in enumerate(self._events):
            if (read := self._quotations.of(place)) is None:
                continue
            talk, parts = read
            for origin, part in _origins(parts):
                calls = part.said.calls if part.said else ()
                for number, result in talk.answered(part):
                    if (origin_key := (event.api, origin, number)) not in seen:
                        seen.add(origin_key)
                        found[event.api, meaning(calls[number])].append(result)
        return found


def shown_call(call: ToolCallPart) -> str:
    """A call as people write one: `search_kb(query="refunds")`, cut where it is long."""
    arguments = call.arguments
    if isinstance(arguments, Mapping):
        shown = ", ".join(f"{name}={canonical(value)}" for name, value in arguments.items())
    else:
        shown = str(arguments)
    return f"{call.name}({shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'})"


def _origins(parts: Iterable[Quoted]) -> Iterator[tuple[object, Part]]:
    """The parts of a conversation, each with what later requests know its answer by.

    That is the event which gave it. An example in a prompt was given by none: it is known by its
    words, and by how often they stand there before.
    """
    examples: Counter[str] = Counter()
    for part, place in parts:
        words = json.dumps(part.told, sort_keys=True) if place is None else ""
        examples[words] += 1
        yield (words, examples[words]) if place is None else place, part
