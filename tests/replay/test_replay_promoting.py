"""Which answers a request quotes, or goes on from: these are promoted together."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import Event, Exchange, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.sessions.promoting import quoted_by
from pytest_llmreplay.replay.sessions.quotations import Quotations

LONG = "It rains in Paris all week."


def event(number: int, api: str, body: dict[str, Json], answer: Json) -> Event:
    """A call."""
    request = HttpRequest(
        method="POST", url="http://127.0.0.1:1/", headers={}, body=JsonBody(value=body)
    )
    response = HttpResponse(status=200, headers={}, body=JsonBody(value=answer))
    return Event(
        number=number,
        provider="local",
        model="m",
        api=api,
        exchange=Exchange(request=request, response=response),
        decoder=decoder_of(api),
    )


BROUGHT: dict[str, Json] = {"messages": [{"role": "user", "content": "Why?"}]}
AFTER: Json = {"type": "continue", "previous_message_id": "msg_1"}


@pytest.mark.parametrize(
    ("api", "answer", "body", "expected"),
    [
        ("ollama_generate", {"response": "Hm.", "context": [1, 2]}, {"context": [1, 2]}, (1,)),
        ("ollama_generate", {"response": "Hm.", "context": [1, 2]}, {"context": [3]}, ()),
        ("ollama_generate", {"response": LONG}, {"prompt": f"Sum up: {LONG}"}, (1,)),
        ("ollama_generate", {"response": "Hm."}, {"prompt": "Hm. Why?"}, ()),
        ("responses", {"id": "resp_1", "output": []}, {"previous_response_id": "resp_1"}, (1,)),
        ("responses", {"id": "resp_1", "output": []}, {"previous_response_id": "resp_2"}, ()),
        (
            "interactions",
            {"id": "v1_1", "status": "completed", "steps": []},
            {"previous_interaction_id": "v1_1"},
            (1,),
        ),
        ("messages", {"id": "msg_1", "content": []}, {**BROUGHT, "thread": AFTER}, (1,)),
        ("messages", {"id": "msg_2", "content": []}, {**BROUGHT, "thread": AFTER}, ()),
    ],
)
def test_requests_without_a_conversation_name_answers_or_have_their_words(
    api: str, answer: Json, body: dict[str, Json], expected: tuple[int, ...]
) -> None:
    """What they name, and words of some length."""
    events = [event(1, api, {"prompt": "Paris?"}, answer), event(2, api, body, {})]
    assert expected == quoted_by(Quotations(events), 1)


CALLS: list[Json] = [{"id": "a", "function": {"name": "lookup", "arguments": "{}"}}]


@pytest.mark.parametrize(
    "told",
    [
        {"role": "assistant", "content": "Calling tools: lookup"},
        {"role": "assistant", "content": None, "tool_calls": CALLS},
    ],
    ids=["other words", "without its words"],
)
def test_an_answer_that_is_told_otherwise_is_quoted(told: Json) -> None:
    """It stands where the answer came, so that the request is none without it."""
    ask: Json = {"role": "user", "content": "Paris?"}
    call: Json = {"message": {"content": "I look.", "tool_calls": CALLS}}
    seen: Json = {"role": "user", "content": "Observation: rain"}
    events = [
        event(1, "chat_completions", {"messages": [ask]}, {"choices": [call]}),
        event(2, "chat_completions", {"messages": [ask, told, seen]}, {}),
    ]
    assert (1,) == quoted_by(Quotations(events), 1)
