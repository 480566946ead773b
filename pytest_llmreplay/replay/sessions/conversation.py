"""What a recorded request says, taken apart to be said in another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.event import Event, Json, JsonBody
from pytest_llmreplay.providers.conversations.transcript import ModelTurn, Transcript, transcript_of
from pytest_llmreplay.providers.registry import format_asked
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

__all__ = ["Conversation", "Part", "conversation_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What others say, what the model answers, and the results of the tools that it called."""

    others: list[Json]
    said: ModelTurn | None = None
    told: Sequence[Json] = ()
    """The answer as it stands there."""
    results: Sequence[Json] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a recorded request says."""

    event: Event
    body: dict[str, Json]
    transcript: Transcript
    entries: list[Json]

    def saying(self, entries: Sequence[Json]) -> Event:
        """The event with these entries in place of its conversation."""
        request = self.event.exchange.request
        body = self.transcript.with_entries(self.body, entries)
        request = replace(request, body=JsonBody(value=body))
        return replace(self.event, exchange=replace(self.event.exchange, request=request))

    def parts(self) -> Iterator[Part]:
        """All entries, cut behind the results of each answer."""
        done = 0
        for turn in self.transcript.said(self.entries):
            end = turn.end
            while end < len(self.entries) and self.transcript.results(self.entries[end]):
                end += 1
            yield Part(
                others=self.entries[done : turn.start],
                said=turn,
                told=self.entries[turn.start : turn.end],
                results=self.entries[turn.end : end],
            )
            done = end
        yield Part(others=self.entries[done:])

    def answered(self, part: Part) -> Iterator[tuple[int, Json]]:
        """The results in a part, each behind the place of its call in what was said."""
        calls = [] if part.said is None else list(enumerate(part.said.calls))
        for result in (one for entry in part.results for one in self.transcript.results(entry)):
            found = next((pair for pair in calls if result.answers(pair[1])), None)
            if found is not None:
                calls.remove(found)
                yield found[0], result.value


def conversation_of(event: Event) -> Conversation | str:
    """What a request says; why that cannot be changed, where it cannot."""
    body, transcript = recorded_body(event), transcript_of(format_asked(event))
    entries = None if body is None or transcript is None else transcript.entries(body)
    if body is None or transcript is None or entries is None:
        why = (
            "its conversations are not read"
            if transcript is None
            else "the conversation is kept at the provider"
        )
        return f"the history of api {event.api} cannot be replaced: {why}"
    return Conversation(event=event, body=body, transcript=transcript, entries=entries)
