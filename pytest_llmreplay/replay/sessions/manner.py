"""How an application quotes, in later requests, what it was answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count

from pytest_llmreplay.event import Choice, Event, HttpResponse, Json, StreamBody, ToolCallPart
from pytest_llmreplay.providers.registry import format_asked
from pytest_llmreplay.providers.retelling.answer import without_extra

from .conversation import Conversation
from .quotations import Quotations
from .retold import Example, kind_of, retold

__all__ = ["Manner"]


class Manner:
    """Quotes answers as the application quoted the recorded ones: with which keys, how spelled.

    A test plays a request back only where it is the one that the application sends.

    Args:
        events: Of the session, as recorded.
        quotations: What their requests quote.
    """

    def __init__(self, events: Sequence[Event], quotations: Quotations) -> None:
        self._events, self._quotations = events, quotations
        self._numbers = count(1)

    def named(self, answer: Event) -> Event:
        """An answer with ids of its calls, where the application makes up those it is not given.

        They are others than the application will make up: playback takes them by their order.
        """
        missing = any(call.id is None for call in answer.response.tool_calls)
        if not missing or not self._makes_up_ids:
            return answer
        choices = tuple(map(self._with_ids, answer.response.choices))
        return replace(answer).decoded_as(replace(answer.response, choices=choices))

    def is_other(self, quoted: Sequence[Json], place: int, api: str) -> bool:
        """Whether a request quotes an answer otherwise than the first one that did."""
        known = self._examples.get(api, {}).get(place)
        return bool(quoted) and known is not None and known[1] != quoted

    def tell(
        self, answer: Event, place: int, talk: Conversation, quoted: Sequence[Json] = ()
    ) -> list[Json]:
        """The entries that an answer becomes.

        Args:
            answer: What was answered.
            place: Of the event that it answers, in the session.
            talk: The request that quotes it.
            quoted: The recorded answer, where this request quotes it otherwise than the first did.
        """
        body, known = _body_as(answer, talk.event), self._examples.get(talk.event.api, {})
        usual = talk.transcript.answer(body)
        if not known or not usual:
            return usual
        examples: list[Example] = []
        if quoted:
            examples.append((_answer_entries(self._events[place], talk, quoted), list(quoted)))
        if place in known:
            examples.append(known[place])
        examples += [example for other, example in known.items() if other != place]
        pieces = (
            _pieces(answer, talk) if any(_is_in_pieces(quoted) for _, quoted in examples) else []
        )
        spoken = pieces or talk.transcript.spoken(body)
        entries = retold(_sendable(spoken, usual, examples), examples)
        assert isinstance(entries, list)  # as it was
        return entries

    def _with_ids(self, choice: Choice) -> Choice:
        parts = tuple(
            replace(part, id=f"call_made_up_{next(self._numbers)}")
            if isinstance(part, ToolCallPart) and part.id is None
            else part
            for part in choice.message.parts
        )
        return replace(choice, message=replace(choice.message, parts=parts))

    @cached_property
    def _makes_up_ids(self) -> bool:
        """Whether the application made up an id for a call that had come without one."""
        read = (self._quotations.of(number) for number in range(len(self._events)))
        quoted = [pair for found in read if found is not None for pair in found[1]]
        return any(
            told.id is not None and came.id is None
            for part, place in quoted
            if part.said is not None and place is not None
            for told, came in zip(
                part.said.calls, self._events[place].response.tool_calls, strict=False
            )
        )

    @cached_property
    def _examples(self) -> Mapping[str, Mapping[int, Example]]:
        """How a request first quoted each answer, by its API format and the place of the event."""
        found: dict[str, dict[int, Example]] = defaultdict(dict)
        for number, event in enumerate(self._events):
            if (read := self._quotations.of(number)) is None:
                continue
            (talk, parts), known = read, found[event.api]
            for part, place in parts:
                if place is not None and place not in known:
                    known[place] = (
                        _answer_entries(self._events[place], talk, part.told),
                        list(part.told),
                    )
        return found


def _answer_entries(event: Event, talk: Conversation, quoted: Sequence[Json]) -> list[Json]:
    """The entries of an answer, cut as an application quoted it."""
    pieces = _pieces(event, talk) if _is_in_pieces(quoted) else []
    return pieces or talk.transcript.spoken(_body_as(event, talk.event))


def _is_in_pieces(quoted: Json | Sequence[Json]) -> bool:
    """Whether an answer may be quoted event by event, as the stream in which it came."""
    return isinstance(quoted, list) and len(quoted) > 1


def _pieces(event: Event, talk: Conversation) -> list[Json]:
    """The events of a stream, where the request that quotes it is of its format."""
    response = event.exchange.response
    if event.api != talk.event.api or not isinstance(response, HttpResponse):
        return []
    body = response.body
    chunks = [chunk.data for chunk in body.chunks] if isinstance(body, StreamBody) else []
    return talk.transcript.pieces(chunks)


def _sendable(spoken: list[Json], usual: list[Json], examples: Sequence[Example]) -> list[Json]:
    """What was said, but for what may not be sent back: who quotes everything quotes that, too."""
    if all(answered == quoted for answered, quoted in examples):
        return spoken
    known = [item for answered, _ in examples if isinstance(answered, list) for item in answered]
    kinds = {kind_of(item) for item in (*usual, *known)}
    return [item for item in spoken if kind_of(item) in kinds]


def _body_as(event: Event, quoting: Event) -> Json:
    """The plain body of an answer, in the format of a request that quotes it."""
    own = format_asked(quoting)
    assert own is not None  # it has a transcript
    response = event.response
    return own.encode_response(response if event.api == quoting.api else without_extra(response))
