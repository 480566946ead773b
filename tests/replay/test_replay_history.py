"""Sessions that run freely, request by request; `test_option_history.py` runs them over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from pytest_llmreplay.event import Event, Exchange, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.calls.result import NotRun
from pytest_llmreplay.replay.sessions.free_turn import MOST_FURTHER
from pytest_llmreplay.replay.sessions.history import FreeSession, Left, Spared
from pytest_llmreplay.replay.unsent.unsendable import recorded_body

ASK: Json = {"role": "user", "content": "Paris?"}


def chat(messages: list[Json], answer: dict[str, Json], number: int = 1) -> Event:
    """A chat completion that sends these messages and is answered by this one."""
    return _event(
        "chat_completions", {"messages": messages}, {"choices": [{"message": answer}]}, number
    )


def _event(api: str, body: dict[str, Json], answer: Json, number: int) -> Event:
    request = HttpRequest(
        method="POST",
        url="https://api.openai.com/v1/chat/completions",
        headers={},
        body=JsonBody(value={"model": "m", **body}),
    )
    response = HttpResponse(status=200, headers={}, body=JsonBody(value=answer))
    return Event(
        number=number,
        provider="openai",
        model="m",
        api=api,
        exchange=Exchange(request=request, response=response),
        decoder=decoder_of(api),
    )


def says(text: str, **more: Json) -> dict[str, Json]:
    """A message of the assistant."""
    return {"role": "assistant", "content": text, **more}


def calls(city: str, name: str) -> dict[str, Json]:
    """A message that calls the tool `lookup`."""
    function: Json = {"name": "lookup", "arguments": f'{{"city": "{city}"}}'}
    return says("", tool_calls=[{"id": name, "type": "function", "function": function}])


def result(name: str, text: str) -> Json:
    """What a tool answered."""
    return {"role": "tool", "tool_call_id": name, "content": text}


def messages_of(event: Event) -> list[Any]:
    """What a request says."""
    body = recorded_body(event)
    assert body is not None
    messages = body["messages"]
    assert isinstance(messages, list)
    return messages


@pytest.mark.parametrize("told", [True, False])
def test_thoughts_go_back_where_the_application_sends_them_back(told: bool) -> None:
    """Some servers want them, others refuse them: the recorded message decides."""
    said = {"reasoning_content": "Hm.", "refusal": None}
    first = chat([ASK], says("It rains.", **said))
    second = chat([ASK, says("It rains.", **(said if told else {})), ASK], says("Still."), 2)
    session = FreeSession([first, second])
    now = {"reasoning_content": "Well.", "refusal": None}
    session.take(0, chat([ASK], says("It is dry.", **now, annotations=[])))
    sent = says("It is dry.", **(now | {"annotations": []} if told else {}))
    assert [ASK, sent, ASK] == messages_of(session.asked(1))


def test_thoughts_that_only_the_next_request_sends_back() -> None:
    """Some models want them while they call tools: each request is told as it was."""
    thought = calls("Paris", "a") | {"reasoning_content": "Hm."}
    said, back = says("Rain.", reasoning_content="So."), result("a", "rain")
    session = FreeSession(
        [
            chat([ASK], thought),
            chat([ASK, thought, back], said, 2),
            chat([ASK, calls("Paris", "a"), back, says("Rain."), ASK], says("Still."), 3),
        ]
    )
    now = calls("Paris", "x") | {"reasoning_content": "Well."}
    session.take(0, chat([ASK], now))
    assert [ASK, now, result("x", "rain")] == messages_of(session.asked(1))
    session.take(1, chat([ASK], says("It is wet.", reasoning_content="Ah.")))
    assert [ASK, calls("Paris", "x"), result("x", "rain"), says("It is wet."), ASK] == messages_of(
        session.asked(2)
    )


def test_an_answer_without_a_word_is_not_told() -> None:
    """Providers refuse a message that says nothing."""
    said = says("It rains.", refusal=None)
    silent: dict[str, Json] = {"role": "assistant", "content": None, "refusal": None}
    for answer in (chat([ASK], silent), _event("chat_completions", {}, {}, 1)):
        session = FreeSession([chat([ASK], said), chat([ASK, said, ASK], says("Still."), 2)])
        session.take(0, answer)
        assert [ASK, ASK] == messages_of(session.asked(1))


def test_a_result_of_no_call_stays_unknown() -> None:
    """Applications that cut their history may leave one behind."""
    history = [ASK, calls("Paris", "a"), result("a", "rain"), result("gone", "snow")]
    session = FreeSession([chat([ASK], calls("Paris", "a")), chat(history, says("Rain."), 2)])
    session.take(0, chat([ASK], calls("Paris", "x")))
    assert [ASK, calls("Paris", "x"), result("x", "rain")] == messages_of(session.asked(1))


def test_answers_that_the_session_did_not_give_stay() -> None:
    """Examples in a prompt are no turns."""
    example = says("An example.")
    first = chat([example, ASK], says("It rains."))
    second = chat([example, ASK, says("It rains."), ASK], says("Still."), 2)
    session = FreeSession([first, second])
    session.take(0, chat([ASK], says("It is dry.")))
    assert [example, ASK, says("It is dry."), ASK] == messages_of(session.asked(1))


@pytest.mark.parametrize("told", ["", None])
def test_words_beside_calls_that_an_application_leaves_out(told: str | None) -> None:
    """As some do, which send back the calls alone: it leaves out those of the target too."""
    said = calls("Paris", "a") | {"content": "I look it up."}
    quoted = calls("Paris", "a") | {"content": told}
    back: list[Json] = [ASK, quoted, result("a", "rain")]
    session = FreeSession([chat([ASK], said), chat(back, says("Rain."), 2)])
    session.take(0, chat([ASK], calls("Paris", "x") | {"content": "One moment."}))
    sent = calls("Paris", "x") | {"content": told}
    assert [ASK, sent, result("x", "rain")] == messages_of(session.asked(1))


OWN_WORDS = "Calling tools:\n[{'name': 'lookup', 'arguments': {'city': 'Paris'}}]"
SEEN: Json = {"role": "user", "content": "Observation:\nrain"}


@pytest.mark.parametrize(
    ("city", "sent"), [("Paris", True), ("Rome", False)], ids=["the same", "another"]
)
def test_an_answer_that_is_told_in_other_words_cannot_give_way(city: str, *, sent: bool) -> None:
    """How smolagents tells calls: a request of what the target said cannot be made of it."""
    second = chat([ASK, says(OWN_WORDS), SEEN], says("Rain."), 2)
    session = FreeSession([chat([ASK], calls("Paris", "a")), second])
    session.take(0, chat([ASK], calls(city, "x")))
    if sent:
        assert second == session.asked(1)
    else:
        reason = "the application tells the answer of turn 1 in other words than it came in"
        with pytest.raises(NotRun, match=reason):
            session.asked(1)


def test_words_that_an_application_began_are_no_answer() -> None:
    """As where it asks once more, and says how the answer is to begin."""
    second = chat([ASK, says("{")], says('"rain": true}'), 2)
    session = FreeSession([chat([ASK], says("It rains.")), second])
    session.take(0, chat([ASK], says("It is dry.")))
    assert second == session.asked(1)


def test_equal_calls_take_the_results_in_their_order() -> None:
    """Each once: a third call has none left."""
    recorded = [
        chat([ASK], calls("Paris", "a")),
        chat([ASK, calls("Paris", "a"), result("a", "rain")], calls("Paris", "b"), 2),
        chat(
            [
                ASK,
                calls("Paris", "a"),
                result("a", "rain"),
                calls("Paris", "b"),
                result("b", "sun"),
            ],
            says("First rain, then sun."),
            3,
        ),
    ]
    session = FreeSession(recorded)
    session.take(0, chat([ASK], calls("Paris", "x")))
    assert result("x", "rain") == messages_of(session.asked(1))[-1]
    both = calls("Paris", "y")
    extra = calls("Paris", "z")["tool_calls"]
    assert isinstance(both["tool_calls"], list)
    assert isinstance(extra, list)
    both["tool_calls"] += extra
    session.take(1, chat([ASK], both))
    with pytest.raises(Left, match=r'at turn 2: lookup\(city="Paris"\)'):
        session.asked(2)


def test_a_request_that_quotes_nothing_is_sent_as_it_was() -> None:
    """The very same object, so that nothing can have changed."""
    second = chat([ASK], says("Twice."), 2)
    session = FreeSession([chat([ASK], says("Once.")), second])
    session.take(0, chat([ASK], says("Other.")))
    assert second is session.asked(1)


def generate(prompt: str, answer: str, number: int, **more: Json) -> Event:
    """A call of Ollama's generate."""
    context: Json = more.pop("context", None)
    told: dict[str, Json] = {} if context is None else {"context": context}
    body = {"prompt": prompt, **told}
    return _event("ollama_generate", body, {"response": answer, "done": True, **more}, number)


def body_of(event: Event) -> dict[str, Any]:
    """What is sent."""
    return recorded_body(event) or {}


def test_a_prompt_of_words_quotes_what_was_said_now() -> None:
    """Where the answers are long enough to be known for certain."""
    first = generate("Paris?", "It rains in Paris all week.", 1)
    second = generate("Sum up: It rains in Paris all week.", "Rain.", 2)
    third = generate("Sure? Rain.", "Quite.", 3)
    session = FreeSession([first, second, third])
    assert first is session.asked(0)
    session.take(0, generate("Paris?", "Sunshine, they say.", 1))
    assert "Sum up: Sunshine, they say." == body_of(session.asked(1))["prompt"]
    session.take(1, generate("", "Sun.", 2))
    with pytest.raises(NotRun, match=r"may quote the answer of turn 2, .* \('Rain\.'\); replay it"):
        session.asked(2)


@pytest.mark.parametrize("api", ["other", "embeddings"])
def test_what_no_target_is_asked_tells_its_own_reason(api: str) -> None:
    """It is no matter of its history, which ends no session."""
    event = _event(api, {"input": "Paris?"}, {"answer": "Rain."}, 2)
    session = FreeSession([chat([ASK], says("Hello.")), event])
    assert event is session.asked(1)


def test_a_context_is_that_of_the_target() -> None:
    """Ollama's generate goes on from it; a target that gives none ends there."""
    recorded = [
        _event("ollama_generate", {"prompt": "Paris?"}, {"response": "R", "context": [1, 2]}, 1),
        generate("And Rome?", "Sun.", 2, context=[1, 2]),
        generate("Sure?", "Yes.", 3, context=[9]),
    ]
    session = FreeSession(recorded)
    now = _event("ollama_generate", {}, {"response": "Fog.", "context": [7, 8, 9]}, 1)
    with pytest.raises(NotRun, match="turn 1 of the session has no answer"):
        session.asked(1)
    session.take(0, now)
    assert {"model": "m", "prompt": "And Rome?", "context": [7, 8, 9]} == body_of(session.asked(1))
    with pytest.raises(NotRun, match="from an answer that the session does not hold; replay it"):
        session.asked(2)
    session.take(0, generate("", "Fog.", 1))
    with pytest.raises(NotRun, match="the target tells no context from which a request could go"):
        session.asked(1)


def kept(name: str, told: Json, previous: str | None = None, **answer: Json) -> Event:
    """A response that its provider keeps."""
    link: dict[str, Json] = {} if previous is None else {"previous_response_id": previous}
    body: dict[str, Json] = {"input": told, **link}
    return _event("responses", body, {"id": name, "object": "response", **answer}, 1)


def wants(city: str, name: str) -> Json:
    """A call of the tool `lookup`, as a response tells it."""
    arguments = f'{{"city": "{city}"}}'
    return {"type": "function_call", "call_id": name, "name": "lookup", "arguments": arguments}


def brings(name: str, text: str) -> Json:
    """What a tool answered, as a request brings it."""
    return {"type": "function_call_output", "call_id": name, "output": text}


def stored() -> list[Event]:
    """A session of responses, each of which goes on from the one before."""
    more: Json = {"role": "user", "content": "Hurry."}
    return [
        kept("resp_1", "Paris, Rome?", output=[wants("Paris", "a"), wants("Rome", "b")]),
        kept("resp_2", [brings("a", "rain"), brings("b", "sun"), more], "resp_1", output=[]),
        kept("resp_3", "Sure?", "resp_2", output=[]),
    ]


def test_a_conversation_that_the_provider_keeps_goes_on_from_the_answer_of_the_target() -> None:
    """By its id; results of tools answer the calls that it made."""
    session = FreeSession(stored())
    session.take(0, kept("resp_7", "", output=[wants("Rome", "n1"), wants("Paris", "n2")]))
    second = body_of(session.asked(1))
    assert "resp_7" == second["previous_response_id"]
    more = {"role": "user", "content": "Hurry."}
    assert [brings("n1", "sun"), brings("n2", "rain"), more] == second["input"]
    session.take(1, kept("resp_8", "", output=[]))
    assert {"model": "m", "input": "Sure?", "previous_response_id": "resp_8"} == body_of(
        session.asked(2)
    )


def test_an_interaction_that_google_keeps_goes_on_from_that_of_the_target() -> None:
    """By its id; results of tools answer the calls that it made."""

    def kept_there(name: str, told: Json, previous: str | None, *steps: Json) -> Event:
        link: dict[str, Json] = {} if previous is None else {"previous_interaction_id": previous}
        answer: dict[str, Json] = {"id": name, "status": "completed", "steps": list(steps)}
        return _event("interactions", {"input": told, **link}, answer, 1)

    def wanted(city: str, name: str) -> Json:
        given: Json = {"city": city}
        return {"type": "function_call", "id": name, "name": "lookup", "arguments": given}

    def back(name: str, text: str) -> Json:
        return {"type": "function_result", "call_id": name, "result": text}

    brought = [back("a", "rain"), back("b", "sun")]
    session = FreeSession(
        [
            kept_there("v1_1", "Paris, Rome?", None, wanted("Paris", "a"), wanted("Rome", "b")),
            kept_there("v1_2", brought, "v1_1"),
            kept_there("v1_3", "Sure?", "v1_2"),
        ]
    )
    session.take(0, kept_there("v1_7", "", None, wanted("Rome", "n1"), wanted("Paris", "n2")))
    second = body_of(session.asked(1))
    assert "v1_7" == second["previous_interaction_id"]
    assert [back("n1", "sun"), back("n2", "rain")] == second["input"]
    session.take(1, kept_there("v1_8", "", None))
    assert {"model": "m", "input": "Sure?", "previous_interaction_id": "v1_8"} == body_of(
        session.asked(2)
    )


def test_interactions_that_google_does_not_keep_are_told_anew() -> None:
    """With the steps of the target: its thoughts with their signatures, its calls, its words."""

    def thought(sign: str) -> Json:
        return {"type": "thought", "signature": sign}

    def wanted(name: str) -> Json:
        given: Json = {"city": "Paris"}
        return {"type": "function_call", "id": name, "name": "lookup", "arguments": given}

    def back(name: str) -> Json:
        return {"type": "function_result", "call_id": name, "name": "lookup", "result": "rain"}

    def said_there(text: str) -> Json:
        return {"type": "model_output", "content": [{"type": "text", "text": text}]}

    def asks(*steps: Json) -> list[Json]:
        return [{"type": "user_input", "content": [{"type": "text", "text": "Paris?"}]}, *steps]

    def once(told: list[Json], *steps: Json) -> Event:
        answer: dict[str, Json] = {"id": "v1_1", "status": "completed", "steps": list(steps)}
        return _event("interactions", {"input": told, "store": False}, answer, 1)

    more: Json = {"type": "user_input", "content": [{"type": "text", "text": "Sure?"}]}
    recorded = [thought("r1"), wanted("r")]
    session = FreeSession(
        [
            once(asks(), *recorded),
            once(asks(*recorded, back("r")), said_there("It rains.")),
            once(asks(*recorded, back("r"), said_there("It rains."), more), said_there("Yes.")),
        ]
    )
    now = [thought("n1"), wanted("n")]
    session.take(0, once([], *now))
    assert asks(*now, back("n")) == body_of(session.asked(1))["input"]
    session.take(1, once([], said_there("Rain.")))
    assert asks(*now, back("n"), said_there("Rain."), more) == body_of(session.asked(2))["input"]


def answering(result: str | None, _name: str, _arguments: Json) -> str | None:
    """A hook that answers every call of a tool alike."""
    return result


def test_a_kept_conversation_whose_target_calls_otherwise() -> None:
    """No tool is needed: what else is said goes out. Another is: the hook, or the end."""
    session = FreeSession(stored())
    session.take(0, kept("resp_7", "", output=[]))
    assert [{"role": "user", "content": "Hurry."}] == body_of(session.asked(1))["input"]
    for tool, expected in ((None, None), ("snow", [brings("n", "snow")])):
        session = FreeSession(stored(), partial(answering, tool))
        session.take(0, kept("resp_7", "", output=[wants("Oslo", "n")]))
        if expected is None:
            with pytest.raises(Left, match=r'at turn 1: lookup\(city="Oslo"\)'):
                session.asked(1)
        else:
            assert expected == body_of(session.asked(1))["input"][:1]


def threaded(name: str, told: list[Json], previous: str | None, *said: Json) -> Event:
    """A message of a conversation that Anthropic keeps."""
    thread: Json = {"type": "new"}
    if previous is not None:
        thread = {"type": "continue", "previous_message_id": previous}
    body: dict[str, Json] = {"max_tokens": 9, "messages": told, "thread": thread}
    answer: dict[str, Json] = {"id": name, "type": "message", "content": list(said)}
    return _event("messages", body, answer, 1)


def test_a_thread_of_anthropic_goes_on_from_the_answer_of_the_target() -> None:
    """By its id; results of tools answer the calls that it made."""

    def uses(city: str, name: str) -> Json:
        return {"type": "tool_use", "id": name, "name": "lookup", "input": {"city": city}}

    def back(name: str, text: str) -> Json:
        return {"type": "tool_result", "tool_use_id": name, "content": text}

    brought: Json = {"role": "user", "content": [back("a", "rain"), back("b", "sun")]}
    session = FreeSession(
        [
            threaded("msg_1", [ASK], None, uses("Paris", "a"), uses("Rome", "b")),
            threaded("msg_2", [brought], "msg_1", {"type": "text", "text": "Rain, and sun."}),
            threaded("msg_3", [ASK], "msg_2"),
        ]
    )
    session.take(0, threaded("msg_7", [], None, uses("Rome", "n1"), uses("Paris", "n2")))
    second = body_of(session.asked(1))
    assert {"type": "continue", "previous_message_id": "msg_7"} == second["thread"]
    sent: Json = {"role": "user", "content": [back("n1", "sun"), back("n2", "rain")]}
    assert [sent] == second["messages"]
    session.take(1, threaded("msg_8", [], None, {"type": "text", "text": "Both."}))
    third = body_of(session.asked(2))
    assert {"type": "continue", "previous_message_id": "msg_8"} == third["thread"]
    assert [ASK] == third["messages"]


def test_a_kept_request_of_words_brings_no_results() -> None:
    """The target called a tool where the recorded model had come to an end."""
    session = FreeSession([kept("resp_1", "Paris?", output=[]), kept("resp_2", "Sure?", "resp_1")])
    session.take(0, kept("resp_7", "", output=[wants("Oslo", "n")]))
    with pytest.raises(NotRun, match="goes on from calls of tools without their results; replay"):
        session.asked(1)


def test_a_kept_request_of_results_alone_is_spared() -> None:
    """Where the target had no need of the tool; the next one goes on from what it said."""
    first, second, third = stored()
    bare = kept("resp_2", [brings("a", "rain"), brings("b", "sun")], "resp_1", output=[])
    session = FreeSession([first, bare, third])
    session.take(0, kept("resp_7", "", output=[]))
    with pytest.raises(Spared):
        session.asked(1)
    assert "resp_7" == body_of(session.asked(2))["previous_response_id"]
    assert second.response.id == bare.response.id


def test_a_conversation_that_is_named_by_its_own_id_is_told() -> None:
    """Its words are not in the body, and all calls share it."""
    body: dict[str, Json] = {"input": "And now?", "conversation": "conv_1"}
    event = _event("responses", body, {"output": []}, 2)
    session = FreeSession([chat([ASK], says("Hello.")), event])
    with pytest.raises(NotRun, match="the conversation is kept at the provider; replay it with"):
        session.asked(1)


def agent() -> list[Event]:
    """A recorded session: a tool, an answer, then a second question with a tool of its own."""
    paris = [ASK, calls("Paris", "a")]
    known: list[Json] = [*paris, result("a", "rain")]
    asked: list[Json] = [*known, says("It rains."), {"role": "user", "content": "Rome?"}]
    rome: list[Json] = [*asked, calls("Rome", "b")]
    return [
        chat([ASK], calls("Paris", "a")),
        chat(known, says("It rains."), 2),
        chat(asked, calls("Rome", "b"), 3),
        chat([*rome, result("b", "sun")], says("It is sunny."), 4),
    ]


def test_a_target_that_calls_once_more_is_brought_the_results() -> None:
    """The recorded result answers it, and what follows quotes the whole way."""
    session = FreeSession(agent())
    session.take(0, chat([ASK], calls("Paris", "x")))
    session.asked(1)
    session.take(1, chat([ASK], calls("Rome", "y")))
    assert session.goes_on(1)
    further = [ASK, calls("Paris", "x"), result("x", "rain"), calls("Rome", "y")]
    assert [*further, result("y", "sun")] == messages_of(session.asked_on(1))
    session.take(1, chat([ASK], says("Rain here, sun there.")))
    assert not session.goes_on(1)
    later = [*further, result("y", "sun"), says("Rain here, sun there.")]
    assert [*later, {"role": "user", "content": "Rome?"}] == messages_of(session.asked(2))


def test_a_target_that_needs_fewer_rounds_goes_on_with_the_next_question() -> None:
    """What the recording asked in between is not asked, and its results are told to nobody."""
    session = FreeSession(agent())
    session.take(0, chat([ASK], says("Rain, as always.")))
    with pytest.raises(Spared):
        session.asked(1)
    question: Json = {"role": "user", "content": "Rome?"}
    assert [ASK, says("Rain, as always."), question] == messages_of(session.asked(2))
    session.take(2, chat([ASK], says("Sun, I guess.")))
    with pytest.raises(Spared):
        session.asked(3)


def test_words_of_a_turn_that_ended_early_are_those_of_its_last_answer() -> None:
    """A judge of the answer reads what the user got."""
    recorded = "It rains in Paris all week long."
    first, second, *_ = agent()
    second = chat(messages_of(second), says(recorded), 2)
    judge = chat([{"role": "user", "content": f"Rate this: {recorded}"}], says("9"), 3)
    session = FreeSession([first, second, judge])
    session.take(0, chat([ASK], says("Rain.")))
    with pytest.raises(Spared):
        session.asked(1)
    assert [{"role": "user", "content": "Rate this: Rain."}] == messages_of(session.asked(2))


def test_further_rounds_end() -> None:
    """A target that never stops calling is stopped, and says at which turn."""
    session = FreeSession(agent(), lambda _name, _arguments: "fog")
    session.take(0, chat([ASK], calls("Paris", "x")))
    session.asked(1)
    for number in range(MOST_FURTHER):
        session.take(1, chat([ASK], calls("Oslo", f"y{number}")))
        assert session.goes_on(1)
        session.asked_on(1)
    session.take(1, chat([ASK], calls("Oslo", "last")))
    assert not session.goes_on(1)
    with pytest.raises(Left, match=r'at turn 2: after \d+ further calls lookup\(city="Oslo"\)'):
        session.asked(2)


def test_a_further_call_that_nobody_can_answer_is_named() -> None:
    """Also where it is the second of two."""
    session = FreeSession(agent())
    session.take(0, chat([ASK], calls("Paris", "x")))
    session.asked(1)
    both, other = calls("Rome", "y"), calls("Berlin", "z")["tool_calls"]
    assert isinstance(both["tool_calls"], list)
    assert isinstance(other, list)
    both["tool_calls"] += other
    session.take(1, chat([ASK], both))
    for ask, turn in ((session.asked_on, 1), (session.asked, 2)):
        with pytest.raises(Left, match=r'at turn 2: lookup\(city="Berlin"\)'):
            ask(turn)


def test_a_call_that_the_recording_left_without_a_result_is_not_answered() -> None:
    """An application that reads the call and ends is not asked on."""
    session = FreeSession([chat([ASK], calls("Paris", "a"))])
    session.take(0, chat([ASK], calls("Paris", "x")))
    assert not session.goes_on(0)


def test_conversations_side_by_side_keep_apart() -> None:
    """Where both were told the same, each goes on with what the target told it."""
    other: Json = {"role": "user", "content": "Rome?"}
    more: Json = {"role": "user", "content": "Sure?"}
    session = FreeSession(
        [
            chat([ASK], says("Yes.")),
            chat([other], says("Yes."), 2),
            chat([ASK, says("Yes."), more], says("Very."), 3),
            chat([other, says("Yes."), more], says("Very."), 4),
        ]
    )
    session.take(0, chat([ASK], says("No.")))
    session.take(1, chat([other], says("Perhaps.")))
    assert [ASK, says("No."), more] == messages_of(session.asked(2))
    session.take(2, chat([ASK], says("Quite.")))
    assert [other, says("Perhaps."), more] == messages_of(session.asked(3))


def test_agents_that_ask_the_same_at_once_are_known_by_the_ids_of_their_calls() -> None:
    """Both looked, one after the other was told its result."""
    session = FreeSession(
        [
            chat([ASK], calls("Paris", "a")),
            chat([ASK], calls("Paris", "b"), 2),
            chat([ASK, calls("Paris", "a"), result("a", "rain")], says("Rain."), 3),
            chat([ASK, calls("Paris", "b"), result("b", "sun")], says("Sun."), 4),
        ]
    )
    session.take(0, chat([ASK], calls("Paris", "x")))
    session.take(1, chat([ASK], calls("Paris", "y")))
    assert [ASK, calls("Paris", "x"), result("x", "rain")] == messages_of(session.asked(2))
    session.take(2, chat([ASK], says("Wet.")))
    assert [ASK, calls("Paris", "y"), result("y", "sun")] == messages_of(session.asked(3))


def test_ids_that_a_server_gives_in_every_answer_are_told_apart() -> None:
    """Each call keeps its own result."""
    paris = [ASK, calls("Paris", "call_0"), result("call_0", "rain")]
    rome = [*paris, calls("Rome", "call_0"), result("call_0", "sun")]
    session = FreeSession(
        [
            chat([ASK], calls("Paris", "call_0")),
            chat(paris, calls("Rome", "call_0"), 2),
            chat(rome, says("Rain here, sun there."), 3),
        ]
    )
    session.take(0, chat([ASK], calls("Rome", "call_0")))
    assert [ASK, calls("Rome", "call_0"), result("call_0", "sun")] == messages_of(session.asked(1))
    session.take(1, chat([ASK], calls("Paris", "call_0")))
    now = [calls("Paris", "call_0"), result("call_0", "rain")]
    assert now == messages_of(session.asked(2))[-2:]


def test_a_session_that_changes_its_format_quotes_in_that_of_each_request() -> None:
    """An application that hands over to another provider's model tells it what was said before."""
    first = _event("messages", {"messages": [ASK]}, CLAUDE_CALLS, 1)
    told = [ASK, {"role": "assistant", "content": CLAUDE_CALLS["content"]}, CLAUDE_RESULT]
    second = _event("messages", {"messages": told}, _claude(text("It rains.")), 2)
    history = [ASK, calls("Paris", "a"), result("a", "rain"), says("It rains."), ASK]
    session = FreeSession([first, second, chat(history, says("Still."), 3)])
    session.take(0, _event("messages", {}, _claude(text("Let me see."), claude_call("x")), 1))
    session.take(1, _event("messages", {}, _claude(text("Rain, I fear.")), 2))
    looked = says("Let me see.", tool_calls=calls("Paris", "x")["tool_calls"])
    now = [ASK, looked, result("x", "rain"), says("Rain, I fear."), ASK]
    assert now == messages_of(session.asked(2))
    assert {"tool_use_id": "x"}.items() <= messages_of(session.asked(1))[-1]["content"][0].items()


def text(words: str) -> Json:
    """A block of Anthropic's format."""
    return {"type": "text", "text": words}


def claude_call(name: str) -> Json:
    """The same of a call."""
    return {"type": "tool_use", "id": name, "name": "lookup", "input": {"city": "Paris"}}


def _claude(*blocks: Json) -> dict[str, Json]:
    return {"type": "message", "role": "assistant", "content": [*blocks]}


CLAUDE_CALLS = _claude(claude_call("a"))
CLAUDE_RESULT: Json = {
    "role": "user",
    "content": [{"type": "tool_result", "tool_use_id": "a", "content": "rain"}],
}


@pytest.mark.parametrize("told", [True, False])
def test_items_of_a_store_go_back_where_the_application_sends_them_back(told: bool) -> None:
    """Whoever tells ids and all tells thoughts too, without which the provider refuses the rest."""
    said: Json = {"type": "message", "id": "msg_1", "role": "assistant", "content": "It rains."}
    plain: Json = {"role": "assistant", "content": "It rains."}
    recorded = [
        _event("responses", {"input": [ASK]}, {"output": [said]}, 1),
        _event("responses", {"input": [ASK, said if told else plain, ASK]}, {"output": []}, 2),
    ]
    session = FreeSession(recorded)
    thought: Json = {"type": "reasoning", "id": "rs_1", "summary": []}
    now: Json = {"type": "message", "id": "msg_2", "role": "assistant", "content": "It is dry."}
    session.take(0, _event("responses", {}, {"output": [thought, now]}, 1))
    sent = [thought, now] if told else [{"role": "assistant", "content": "It is dry."}]
    body = recorded_body(session.asked(1))
    assert body is not None
    assert [ASK, *sent, ASK] == body["input"]


def test_functions_of_the_time_before_tools_have_their_results() -> None:
    """They go by name, as there was one call at a time."""
    call: Json = {"name": "lookup", "arguments": '{"city": "Paris"}'}
    told: Json = {"role": "function", "name": "lookup", "content": "rain"}
    asked = [ASK, {"role": "assistant", "content": None, "function_call": call}, told]
    first = chat([ASK], {"role": "assistant", "content": None, "function_call": call})
    session = FreeSession([first, chat(asked, says("It rains."), 2)])
    session.take(0, chat([ASK], says("Let me see.", function_call=call)))
    assert [ASK, says("Let me see.", function_call=call), told] == messages_of(session.asked(1))


def test_requests_that_are_not_read_do_not_end_a_session() -> None:
    """What others of the session quote is known all the same."""
    other = _event("ollama_generate", {"prompt": "Rome?"}, {"response": "Sun."}, 2)
    history = [ASK, calls("Paris", "a"), result("a", "rain")]
    session = FreeSession(
        [chat([ASK], calls("Paris", "a")), other, chat(history, says("Rain."), 3)]
    )
    session.take(0, chat([ASK], calls("Paris", "x")))
    assert [ASK, calls("Paris", "x"), result("x", "rain")] == messages_of(session.asked(2))
