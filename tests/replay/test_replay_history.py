"""Sessions that run freely, request by request; `test_option_history.py` runs them over HTTP."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import Event, Exchange, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.history import FreeSession, Left
from pytest_llmreplay.replay.result import NotRun
from pytest_llmreplay.replay.unsendable import recorded_body

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


def messages_of(event: Event) -> list[Json]:
    """What a request says."""
    body = recorded_body(event)
    assert body is not None
    messages = body["messages"]
    assert isinstance(messages, list)
    return messages


@pytest.mark.parametrize("told", [True, False])
def test_thoughts_go_back_where_the_application_sends_them_back(told: bool) -> None:  # noqa: FBT001 - a parameter
    """Some servers want them, others refuse them: the recorded message decides."""
    more: dict[str, Json] = {"reasoning_content": "Hm."} if told else {}
    first = chat([ASK], says("It rains.", reasoning_content="Hm."))
    second = chat([ASK, says("It rains.", **more), ASK], says("Still."), 2)
    session = FreeSession([first, second])
    session.take(0, chat([ASK], says("It is dry.", reasoning_content="Well.", annotations=[])))
    sent = says("It is dry.", **({"reasoning_content": "Well."} if told else {}))
    assert [ASK, sent, ASK] == messages_of(session.asked(1))


def test_answers_that_the_session_did_not_give_stay() -> None:
    """Examples in a prompt are no turns."""
    example = says("An example.")
    first = chat([example, ASK], says("It rains."))
    second = chat([example, ASK, says("It rains."), ASK], says("Still."), 2)
    session = FreeSession([first, second])
    session.take(0, chat([ASK], says("It is dry.")))
    assert [example, ASK, says("It is dry."), ASK] == messages_of(session.asked(1))


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


def test_a_format_whose_history_is_unknown_is_told() -> None:
    """Its first event can be sent; what follows cannot be known."""
    event = _event("cohere_chat", {"messages": [ASK]}, {"message": {"content": []}}, 1)
    session = FreeSession([event, event])
    assert event is session.asked(0)
    with pytest.raises(NotRun, match="the history of api cohere_chat cannot be replaced"):
        session.asked(1)


def test_a_conversation_that_the_provider_keeps_is_told() -> None:
    """Its words are not in the body."""
    body: dict[str, Json] = {"input": "And now?", "previous_response_id": "resp_1"}
    event = _event("responses", body, {"output": []}, 2)
    session = FreeSession([chat([ASK], says("Hello.")), event])
    with pytest.raises(NotRun, match="the conversation is kept at the provider"):
        session.asked(1)
