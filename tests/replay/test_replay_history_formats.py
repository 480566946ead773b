"""Sessions of Gemini, Ollama, Cohere and Bedrock run freely, request by request."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from replay.told_formats import FORMATS, Call, Gemini, NamedGemini, ToldFormat, told_event

from pytest_llmreplay.event import (
    Chunk,
    Event,
    HttpResponse,
    StreamBody,
    ToolCallPart,
    ToolCallResponsePart,
)
from pytest_llmreplay.replay.sessions.history import FreeSession, Left, Spared
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

PARIS, ROME, OSLO = (Call(city, f"r-{city}") for city in ("Paris", "Rome", "Oslo"))
"""As the recorded model called."""
PARIS_NOW, ROME_NOW, OSLO_NOW = (Call(city, f"n-{city}") for city in ("Paris", "Rome", "Oslo"))
"""As the target calls."""


def each_format(test: Any) -> Any:
    """Run a test for every format and dialect."""
    names = [type(told).__name__ for told in FORMATS]
    return pytest.mark.parametrize("told", FORMATS, ids=names)(test)


def agent(told: ToldFormat) -> list[Event]:
    """A recorded session: a tool, an answer, then a second question with two tools at once."""
    first = [told.user("Paris?")]
    known = [*first, told.model("", [PARIS]), *told.results((PARIS, "rain"))]
    second = [*known, told.model("It rains."), told.user("Rome and Oslo?")]
    both = [told.model("", [ROME, OSLO]), *told.results((ROME, "sun"), (OSLO, "snow"))]
    return [
        told_event(told, 1, first, told.answer("", [PARIS])),
        told_event(told, 2, known, told.answer("It rains.")),
        told_event(told, 3, second, told.answer("", [ROME, OSLO])),
        told_event(told, 4, [*second, *both], told.answer("Sun and snow.")),
    ]


def answered(told: ToldFormat, text: str = "", *calls: Call) -> Event:
    """An answer of the target."""
    return told_event(told, 1, [], told.answer(text, calls))


def sent(told: ToldFormat, event: Event) -> list[Any]:
    """The conversation of a request."""
    return told.entries(recorded_body(event))


@each_format
def test_the_same_answers_send_the_recorded_requests(told: ToldFormat) -> None:
    """Byte for byte: whoever says what was said before is asked what was asked before."""
    recorded = agent(told)
    session = FreeSession(recorded)
    for place, event in enumerate(recorded):
        asked = session.asked(place)
        assert event.exchange.request == asked.exchange.request
        session.take(place, event)


@each_format
def test_later_requests_quote_the_target(told: ToldFormat) -> None:
    """Its words and calls stand where those of the recording stood, each call with its result."""
    session = FreeSession(agent(told))
    session.take(0, answered(told, "", PARIS_NOW))
    first = [told.user("Paris?"), told.model("", [PARIS_NOW]), *told.results((PARIS_NOW, "rain"))]
    assert first == sent(told, session.asked(1))
    session.take(1, answered(told, "Rain, I am afraid."))
    second = [*first, told.model("Rain, I am afraid."), told.user("Rome and Oslo?")]
    assert second == sent(told, session.asked(2))
    session.take(2, answered(told, "", OSLO_NOW, ROME_NOW))
    results = told.results((OSLO_NOW, "snow"), (ROME_NOW, "sun"))
    assert [*second, told.model("", [OSLO_NOW, ROME_NOW]), *results] == sent(told, session.asked(3))


@each_format
def test_a_result_answers_one_call(told: ToldFormat) -> None:
    """However many requests of the recording tell it; a second equal call has none left."""
    session = FreeSession(agent(told))
    session.take(0, answered(told, "", PARIS_NOW))
    session.asked(1)
    session.take(1, answered(told, "Rain."))
    session.take(2, answered(told, "", PARIS_NOW))
    with pytest.raises(Left, match=r'at turn 3: lookup\(city="Paris"\)'):
        session.asked(3)


@each_format
def test_equal_calls_take_the_results_in_their_order(told: ToldFormat) -> None:
    """The recorded model looked twice, and the weather had changed."""
    again, again_now = Call("Paris", "r-again"), Call("Paris", "n-again")
    first = [told.user("Paris?"), told.model("", [PARIS]), *told.results((PARIS, "rain"))]
    second = [*first, told.model("", [again]), *told.results((again, "sun"))]
    session = FreeSession(
        [
            told_event(told, 1, first[:1], told.answer("", [PARIS])),
            told_event(told, 2, first, told.answer("", [again])),
            told_event(told, 3, second, told.answer("Rain, then sun.")),
        ]
    )
    session.take(0, answered(told, "", PARIS_NOW, again_now))
    both = told.results((PARIS_NOW, "rain"), (again_now, "sun"))
    told_now = [told.user("Paris?"), told.model("", [PARIS_NOW, again_now]), *both]
    assert told_now == sent(told, session.asked(1))


@each_format
def test_a_session_that_begins_twice_has_the_results_of_both(told: ToldFormat) -> None:
    """An agent that is asked the same again looks again, and each answer is quoted behind it."""
    once = agent(told)[:2]
    again = [told.user("Paris?"), told.model("", [PARIS]), *told.results((PARIS, "sun"))]
    twice = [
        told_event(told, 3, [told.user("Paris?")], told.answer("", [PARIS])),
        told_event(told, 4, again, told.answer("It is sunny.")),
    ]
    session = FreeSession([*once, *twice])
    session.take(0, answered(told, "One moment.", PARIS_NOW))
    first = sent(told, session.asked(1))
    assert [told.model("One moment.", [PARIS_NOW]), *told.results((PARIS_NOW, "rain"))] == first[1:]
    session.take(1, answered(told, "Rain."))
    session.take(2, answered(told, "Again?", PARIS_NOW))
    second = sent(told, session.asked(3))
    assert [told.model("Again?", [PARIS_NOW]), *told.results((PARIS_NOW, "sun"))] == second[1:]


@each_format
def test_a_target_that_needs_no_tool_goes_on_with_the_next_question(told: ToldFormat) -> None:
    """What the recording asked in between is not asked, and its results are told to nobody."""
    session = FreeSession(agent(told))
    session.take(0, answered(told, "Rain, as always."))
    with pytest.raises(Spared):
        session.asked(1)
    now = [told.user("Paris?"), told.model("Rain, as always."), told.user("Rome and Oslo?")]
    assert now == sent(told, session.asked(2))


@each_format
def test_a_target_that_calls_once_more_is_asked_on(told: ToldFormat) -> None:
    """With the results that the recording has of other turns."""
    session = FreeSession(agent(told))
    session.take(0, answered(told, "", PARIS_NOW))
    known = sent(told, session.asked(1))
    session.take(1, answered(told, "", OSLO_NOW))
    assert session.goes_on(1)
    further = [told.model("", [OSLO_NOW]), *told.results((OSLO_NOW, "snow"))]
    assert [*known, *further] == sent(told, session.asked_on(1))
    session.take(1, answered(told, "Rain here, snow there."))
    later = [*known, *further, told.model("Rain here, snow there."), told.user("Rome and Oslo?")]
    assert later == sent(told, session.asked(2))


@each_format
@pytest.mark.parametrize("text", ["fog", '{"sky":"fog"}'])
def test_a_hook_answers_in_the_words_of_the_format(told: ToldFormat, text: str) -> None:
    """The request can be read again as one whose call has its result."""
    session = FreeSession(agent(told), lambda _name, _arguments: text)
    session.take(0, answered(told, "", Call("Bergen", "n-Bergen")))
    asked = session.asked(1)
    parts = [part for message in asked.request.messages for part in message.parts]
    call = next(part for part in parts if isinstance(part, ToolCallPart))
    assert ("lookup", {"city": "Bergen"}) == (call.name, call.arguments)
    result = parts[-1]
    assert isinstance(result, ToolCallResponsePart)
    assert result.id in {None, call.id}
    assert "fog" in str(result.response)


@each_format
def test_an_answer_that_is_none_is_told_to_nobody(told: ToldFormat) -> None:
    """Whatever a server sent instead."""
    recorded = agent(told)
    session = FreeSession([recorded[1], recorded[2]])
    session.take(0, told_event(told, 1, [], {}))
    before = sent(told, recorded[2])
    assert [one for one in before if one != told.model("It rains.")] == sent(told, session.asked(1))


def test_a_turn_of_results_keeps_its_role() -> None:
    """Clients of old have one of its own for functions, which servers take as well."""
    told = FORMATS[1]
    function: Any = {"role": "function"}
    recorded = [told.user("Paris?"), told.model("", [PARIS])]
    recorded.append(told.results((PARIS, "rain"))[0] | function)
    session = FreeSession(
        [
            told_event(told, 1, recorded[:1], told.answer("", [PARIS])),
            told_event(told, 2, recorded, told.answer("It rains.")),
        ]
    )
    session.take(0, answered(told, "One moment.", PARIS_NOW))
    assert recorded[-1] == sent(told, session.asked(1))[-1]


def streamed(told: ToldFormat, number: int, entries: list[Any], *words: str) -> Event:
    """An event whose answer came word by word, and then said how it ended."""
    event = told_event(told, number, entries, {})
    last: Any = {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {}}
    values = [*(told.answer(word) for word in words), last]
    chunks = tuple(Chunk(at=0.0, data=f"data: {json.dumps(one)}\n\n".encode()) for one in values)
    response = HttpResponse(status=200, headers={}, body=StreamBody(chunks=chunks))
    return replace(event, exchange=replace(event.exchange, response=response))


@pytest.mark.parametrize("chunked", [True, False], ids=["pieces", "whole"])
def test_a_stream_is_told_in_its_pieces_where_the_recorded_one_was(*, chunked: bool) -> None:
    """As the chats of Google's client do; who put the recorded one together, has the new one so."""
    told = FORMATS[0]
    asked, words, now = [told.user("Paris?")], ("It ", "rains."), ("Rain, ", "I am ", "afraid.")
    said = [told.model(word) for word in words] if chunked else [told.model("".join(words))]
    later = [*asked, *said, told.user("And Rome?")]
    session = FreeSession(
        [streamed(told, 1, asked, *words), told_event(told, 2, later, told.answer("Sun."))]
    )
    session.take(0, streamed(told, 1, asked, *now))
    pieces = [told.model(word) for word in now] if chunked else [told.model("".join(now))]
    assert [*asked, *pieces, told.user("And Rome?")] == sent(told, session.asked(1))


def test_an_answer_that_came_whole_is_told_whole() -> None:
    """Where the recorded one was told in pieces, but the target did not stream."""
    told = FORMATS[0]
    asked = [told.user("Paris?")]
    later = [*asked, told.model("It "), told.model("rains."), told.user("And Rome?")]
    session = FreeSession(
        [
            streamed(told, 1, asked, "It ", "rains."),
            told_event(told, 2, later, told.answer("Sun.")),
        ]
    )
    session.take(0, answered(told, "Rain."))
    assert [*asked, told.model("Rain."), told.user("And Rome?")] == sent(told, session.asked(1))


def test_ids_that_an_application_makes_up_are_made_up_again() -> None:
    """For a target that gives none either; a result is told with the id of its call."""
    server, told = Gemini(), NamedGemini()
    asked = [told.user("Paris and Rome?")]
    both = [told.model("", [PARIS, ROME]), *told.results((PARIS, "rain"), (ROME, "sun"))]
    session = FreeSession(
        [
            told_event(told, 1, asked, server.answer("", [PARIS, ROME])),
            told_event(told, 2, [*asked, *both], server.answer("Rain and sun.")),
        ]
    )
    session.take(0, answered(server, "", ROME_NOW, PARIS_NOW))
    rome, paris = (replace(call, id=f"call_made_up_{n}") for n, call in enumerate((ROME, PARIS), 1))
    now = [told.model("", [rome, paris]), *told.results((rome, "sun"), (paris, "rain"))]
    assert [*asked, *now] == sent(told, session.asked(1))
