"""A session that runs freely: what the target said stands in its later requests.

A recorded request quotes what the recorded model said before. Here its words give way to those of
the target, and the results of the tools that it called to those of the calls that the target made,
as far as the recording has them: no tool is ever run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pytest_llmreplay.compare.arguments import canonical
from pytest_llmreplay.event import Event, Json, JsonBody, ToolCallPart
from pytest_llmreplay.providers.foreign import without_extra
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.providers.transcript import Said, Transcript, transcript_of

from .entry import Entry
from .result import NotRun
from .unsendable import recorded_body

__all__ = ["QUOTED", "FreeSession", "History", "Left", "ToolAnswer", "meaning"]

ToolAnswer = Callable[[str, Json], str | None]
"""Answers a call by its name and its arguments; none where it cannot."""

QUOTED = 20
"""Characters from which on the words of an answer count as quoted where they stand in others."""


class History(Protocol):
    """Knows what was said in the sessions of a run."""

    def asked(self, entry: Entry) -> Event:
        """The event of an entry, as it is to be sent; called in the engine's thread.

        Raises:
            NotRun: It cannot be sent.
        """
        ...

    def told(self, entry: Entry, event: Event) -> Event:
        """The recording of an entry, as the answer to it is to be known: in a new session."""
        ...


class Left(NotRun):
    """The target went another way than the recording, which knows nothing of what comes then."""


@dataclass(slots=True, kw_only=True)
class _Turn:
    """What was said in place of a recorded answer."""

    number: int
    """Of the turn, counted from 1."""
    recorded: Event
    replayed: Event | None = None
    results: list[tuple[str, Json]] | None = None
    """Of the tools that it called, once a request told those of the recording."""

    def is_told_in(self, said: Said) -> bool:
        """Whether the recorded answer is what a request quotes."""
        answer = self.recorded.response
        if not (answer.text or answer.tool_calls):
            return False
        if said.text.strip() != answer.text.strip():
            return False
        return list(map(meaning, said.calls)) == list(map(meaning, answer.tool_calls))


class FreeSession:
    """The events of one session on their way to one target.

    Args:
        events: As recorded, in their order.
        tool: Asked for the result of a call that the recording does not know.
    """

    def __init__(
        self, events: Sequence[Event], tool: ToolAnswer = lambda _name, _args: None
    ) -> None:
        self._turns = [
            _Turn(number=number, recorded=event) for number, event in enumerate(events, 1)
        ]
        self._tool = tool
        self._results: dict[tuple[str, str], list[Json]] | None = None

    def take(self, place: int, replayed: Event) -> None:
        """Note what the target answered to the event at a place of the session."""
        self._turns[place].replayed = replayed

    def asked(self, place: int) -> Event:
        """The event at a place, as it is to be sent.

        Raises:
            Left: The request cannot be made of what the recording knows.
        """
        event = self._turns[place].recorded
        body, transcript = recorded_body(event), transcript_of(format_of(event.api))
        entries = None if body is None or transcript is None else transcript.entries(body)
        if body is None or transcript is None or entries is None:
            if place == 0:
                return event
            raise NotRun(f"the history of api {event.api} cannot be replaced: {_why(transcript)}")
        told = list(self._told(entries, self._turns[:place], transcript))
        if told == entries:
            return event
        request = event.exchange.request
        body = transcript.with_entries(body, told)
        request = replace(request, body=JsonBody(value=body))
        return replace(event, exchange=replace(event.exchange, request=request))

    def _told(
        self, entries: Sequence[Json], before: Sequence[_Turn], transcript: Transcript
    ) -> Iterator[Json]:
        """The conversation, with the answers of the target in place of the recorded ones."""
        quotes = dict(_quotes(before))
        left, done = list(before), 0
        for said in transcript.said(entries):
            yield from (_quoting(entry, quotes) for entry in entries[done : said.start])
            turn = next((one for one in left if one.is_told_in(said)), None)
            if turn is None:
                yield from entries[said.start : said.end]
                done = said.end
                continue
            left.remove(turn)
            done = _behind_results(entries, said.end, transcript)
            told = entries[said.start : said.end]
            yield from self._instead(turn, said, told, entries[said.end : done], transcript)
        yield from (_quoting(entry, quotes) for entry in entries[done:])

    def _instead(
        self,
        turn: _Turn,
        said: Said,
        told: Sequence[Json],
        results: Sequence[Json],
        transcript: Transcript,
    ) -> Iterator[Json]:
        """What the target said at a turn, and the results of its calls."""
        replayed = turn.replayed
        if replayed is None:
            raise NotRun(f"turn {turn.number} of the session has no answer")
        calls = replayed.response.tool_calls
        if said.calls and not calls and results:
            raise _left(turn, f"it did not call {shown_call(said.calls[0])}")
        if calls and not results:
            raise _left(turn, shown_call(calls[0]))
        yield from transcript.answer(_body_as(replayed, turn.recorded.api), told)
        if results:
            if turn.results is None:
                turn.results = [self._result(turn, call, transcript) for call in calls]
            yield from transcript.with_results(results, turn.results)

    def _result(self, turn: _Turn, call: ToolCallPart, transcript: Transcript) -> tuple[str, Json]:
        """The id of a call and the result that the recording has of an equal one, or the hook."""
        if self._results is None:
            self._results = _results_of([one.recorded for one in self._turns])
        known = self._results.get((turn.recorded.api, meaning(call)))
        if known:
            return call.id or "", known.pop(0)
        text = self._tool(call.name, call.arguments)
        if text is None:
            raise _left(turn, shown_call(call))
        return call.id or "", transcript.result(text)


def shown_call(call: ToolCallPart) -> str:
    """A call as people write one: `search_kb(query="refunds")`, cut where it is long."""
    arguments = call.arguments
    if isinstance(arguments, Mapping):
        told = ", ".join(f"{name}={canonical(value)}" for name, value in arguments.items())
    else:
        told = str(arguments)
    return f"{call.name}({told if len(told) <= _SHOWN else told[:_SHOWN] + '…'})"


_SHOWN = 120


def _left(turn: _Turn, what: str) -> Left:
    return Left(f"the session left the recording at turn {turn.number}: {what}")


def _why(transcript: Transcript | None) -> str:
    if transcript is None:
        return "its conversations are not read"
    return "the conversation is kept at the provider"


def meaning(call: ToolCallPart) -> str:
    """What equal calls have in common: not their ids, nor the blanks of their JSON."""
    return f"{call.name}({canonical(call.arguments)})"


def _results_of(events: Sequence[Event]) -> dict[tuple[str, str], list[Json]]:
    """Every result that a session has, by format and by the call that it answers; each once."""
    found: dict[tuple[str, str], list[Json]] = {}
    seen: set[str] = set()
    for event in events:
        transcript, body = transcript_of(format_of(event.api)), recorded_body(event)
        entries = None if transcript is None or body is None else transcript.entries(body)
        if transcript is None or entries is None:
            continue
        calls = {call.id: call for said in transcript.said(entries) for call in said.calls}
        for name, value in (one for entry in entries for one in transcript.results(entry)):
            if name in calls and name not in seen:
                seen.add(name)
                found.setdefault((event.api, meaning(calls[name])), []).append(value)
    return found


def _behind_results(entries: Sequence[Json], start: int, transcript: Transcript) -> int:
    """Where the results behind an answer end."""
    end = start
    while end < len(entries) and transcript.results(entries[end]):
        end += 1
    return end


def _body_as(event: Event, api: str) -> Json:
    """The plain body of an answer, in the format in which the session was recorded."""
    own = format_of(api)
    assert own is not None  # it has a transcript
    response = event.response
    return own.encode_response(response if event.api == api else without_extra(response))


def _quotes(turns: Sequence[_Turn]) -> Iterator[tuple[str, str]]:
    """Recorded words that others may quote, and what the target said in their place."""
    for turn in turns:
        words = turn.recorded.response.text.strip()
        if turn.replayed is not None and len(words) >= QUOTED:
            yield words, turn.replayed.response.text.strip()


def _quoting(value: Json, quotes: Mapping[str, str]) -> Json:
    """Words of others, quoting what was said now."""
    if isinstance(value, str):
        for recorded, replayed in quotes.items():
            value = value.replace(recorded, replayed)
        return value
    if isinstance(value, list):
        return [_quoting(one, quotes) for one in value]
    if isinstance(value, dict):
        return {key: _quoting(one, quotes) for key, one in value.items()}
    return value
