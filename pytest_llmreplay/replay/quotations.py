"""Which answers of a session its later requests quote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_llmreplay.compare.arguments import canonical
from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.providers.transcript import Said

from .conversation import Conversation, Part, conversation_of

__all__ = ["meaning", "quotations"]


def meaning(call: ToolCallPart) -> str:
    """What equal calls have in common: not their ids, nor the blanks of their JSON."""
    return f"{call.name}({canonical(call.arguments)})"


def quotations(talk: Conversation, earlier: Sequence[Event]) -> Iterator[tuple[Part, int | None]]:
    """The parts of a conversation, each with the place of the event whose answer it quotes.

    Args:
        talk: What a request says.
        earlier: The events of its session before it; each is quoted once.
    """
    left, done = dict(enumerate(earlier)), 0
    for part in talk.parts():
        done += len(part.others)
        place = None if part.said is None else _quoted(part.said, talk.entries[:done], left)
        if place is not None:
            del left[place]
        yield part, place
        done += len(part.told) + len(part.results)


def _quoted(said: Said, before: Sequence[Json], events: Mapping[int, Event]) -> int | None:
    """The event that said so; of several, the last one that was asked what stands before it.

    An agent that is asked the same twice begins anew, and goes on with what it was told last.
    """
    alike = [place for place, event in events.items() if _says(event, said)]
    if len(alike) > 1:
        ids = [call.id for call in said.calls]
        named = [place for place in alike if _ids_of(events[place]) == ids]
        asked = [place for place in named if _asked(events[place]) == before]
        alike = asked[-1:] or named or alike
    return alike[0] if alike else None


def _says(event: Event, said: Said) -> bool:
    answer = event.response
    if not (answer.text or answer.tool_calls) or said.text.strip() != answer.text.strip():
        return False
    return list(map(meaning, said.calls)) == list(map(meaning, answer.tool_calls))


def _ids_of(event: Event) -> list[str | None]:
    return [call.id for call in event.response.tool_calls]


def _asked(event: Event) -> Sequence[Json] | None:
    talk = conversation_of(event)
    return None if isinstance(talk, str) else talk.entries
