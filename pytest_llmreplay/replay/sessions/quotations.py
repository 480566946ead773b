"""Which answers of a session its later requests quote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from pytest_llmreplay.compare.answers.arguments import canonical
from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.providers.conversations.transcript import ModelTurn

from .conversation import Conversation, Part, conversation_of

__all__ = ["Quotations", "Quoted", "meaning", "said_in"]

Quoted = tuple[Part, int | None]
"""A part of a conversation, and the place of the event whose answer it quotes, if it does."""


def meaning(call: ToolCallPart) -> str:
    """What equal calls have in common: not their ids, nor the blanks of their JSON."""
    return f"{call.name}({canonical(call.arguments)})"


class Quotations:
    """Reads each request of a session once.

    Args:
        events: As recorded, in their order.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self._read: dict[int, tuple[Conversation, list[Quoted]] | None] = {}

    def of(self, place: int) -> tuple[Conversation, list[Quoted]] | None:
        """What the request of an event says, in parts; none where its conversation is not read.

        Each answer is quoted once.
        """
        if place not in self._read:
            talk = conversation_of(self.events[place])
            self._read[place] = None if isinstance(talk, str) else (talk, [*self._in(talk, place)])
        return self._read[place]

    def told(self, place: int) -> set[int]:
        """The events whose answers a request tells, in their words or in others."""
        read = self.of(place)
        quoted = {one for _, one in read[1] if one is not None} if read else set()
        return quoted | {*self.retold(place).values()}

    def retold(self, place: int) -> Mapping[int, int]:
        """Where a request tells answers in other words than they came in, as frameworks do.

        That is what it says of the model right behind what an earlier event had asked.

        Returns:
            The first entry of such an answer → place of the event that gave it.
        """
        if (read := self.of(place)) is None:
            return {}
        talk, parts = read
        unknown = (part.said for part, quoted in parts if part.said and quoted is None)
        found: dict[int, int] = {}
        for turn in unknown:
            if turn.end == len(talk.entries):
                break  # what stands last is no answer, but what one is to begin with
            for earlier in self._of_length.get(turn.start, ()):
                if earlier < place and self._entries_of(earlier) == talk.entries[: turn.start]:
                    found[turn.start] = earlier
        return found

    @cached_property
    def _of_length(self) -> dict[int, list[int]]:
        """The events that were answered, by how many entries their requests have."""
        found: dict[int, list[int]] = defaultdict(list)
        for place in range(len(self.events)):
            if self._has_words(place):
                found[len(self._entries_of(place) or ())].append(place)
        return found

    def _has_words(self, place: int) -> bool:
        answer = self.events[place].response
        return bool(answer.text or answer.tool_calls)

    @cached_property
    def _answers(self) -> dict[tuple[str, ...], list[int]]:
        """The events by what was answered, and by the calls alone, as some applications tell it."""
        found: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, event in enumerate(self.events):
            if self._has_words(place):
                meant = said_in(event)
                for told in {meant, ("", *meant[1:])} - {("",)}:
                    found[told].append(place)
        return found

    def _in(self, talk: Conversation, place: int) -> Iterator[Quoted]:
        done, used = 0, set[int | None]()
        for part in talk.parts():
            done += len(part.others)
            quoted = None
            if part.said is not None:
                alike = self._answers.get(_meant(part.said.text, part.said.calls), ())
                left = [one for one in alike if one < place and one not in used]
                quoted = self._nearest(part.said, talk.entries[:done], left)
            used.add(quoted)
            yield part, quoted
            done += len(part.told) + len(part.results)

    def _nearest(self, turn: ModelTurn, before: Sequence[Json], places: list[int]) -> int | None:
        """Of events that said the same, the last one that was asked what stands before it.

        An agent that is asked the same twice begins anew, and goes on with what it was told last.
        """
        if len(places) > 1:
            ids = [call.id for call in turn.calls]
            named = [place for place in places if self._ids(place) == ids]
            asked = [place for place in named if self._entries_of(place) == before]
            places = asked[-1:] or named or places
        return places[0] if places else None

    def _ids(self, place: int) -> list[str | None]:
        return [call.id for call in self.events[place].response.tool_calls]

    def _entries_of(self, place: int) -> Sequence[Json] | None:
        talk = conversation_of(self.events[place])
        return None if isinstance(talk, str) else talk.entries


def said_in(event: Event) -> tuple[str, ...]:
    """What an answer means: equal where an application that reads it does the same."""
    return _meant(event.response.text, event.response.tool_calls)


def _meant(text: str, calls: Sequence[ToolCallPart]) -> tuple[str, ...]:
    return (text.strip(), *map(meaning, calls))
