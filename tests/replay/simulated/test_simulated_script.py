"""A script answers requests by what they say, dressed as the provider would."""

from __future__ import annotations

import json
import time
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from replay.simulated.simulated_events import request_body, url_of
from sdk_clients import needs

from pytest_llmreplay.event import Request
from pytest_llmreplay.replay.simulated import Line, Script, SimulatedServer, When

SCRIPT = Script(
    [
        Line(When(result="torn", model="gpt-*"), "Refunded, said OpenAI's."),
        Line(When(result="torn"), "Refunded."),
        Line(When(user="tent", system="shop"), "Let me look.", calls=[("look", {"id": 1})]),
        Line(When(user="secret"), refusal="I keep secrets."),
        Line(When(user="long"), "Once upon a time", finish_reason="length"),
        Line(lambda request: request.temperature == 0, "Cold."),
    ],
    models={"gpt-5-mini": "gpt-5-mini-2025-08-07"},
)
LOOK = {"name": "look", "description": "Look it up.", "input_schema": {"type": "object"}}


def conversation(server: SimulatedServer) -> list[Any]:
    """A tool call and the answer after it, through Anthropic's SDK."""
    with anthropic.Anthropic(base_url=server.base_urls["messages"], api_key="k") as client:
        create: Any = client.messages.create
        known = {
            "model": "claude-x",
            "max_tokens": 99,
            "system": "You are a shop.",
            "tools": [LOOK],
        }
        messages: list[Any] = [{"role": "user", "content": "My tent is torn."}]
        first = create(**known, messages=messages)
        call = first.content[1]
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "it is torn"}
        messages += [{"role": "assistant", "content": first.to_dict()["content"]}]
        messages += [{"role": "user", "content": [result]}]
        return [first, create(**known, messages=messages)]


@needs(anthropic="0.40")
def test_anthropic_conversation() -> None:
    """A call first, and after its result the last word; ids look like the provider's."""
    with SimulatedServer("steady", script=SCRIPT) as server:
        first, second = conversation(server)
    assert ["text", "tool_use"] == [block.type for block in first.content]
    assert {"id": 1} == first.content[1].input
    assert "Refunded." == second.content[0].text
    assert ("msg_01", 28) == (first.id[:6], len(first.id))
    assert ("toolu_01", 30) == (first.content[1].id[:8], len(first.content[1].id))
    assert "claude-x" == first.model
    assert first._request_id.startswith("req_01")


def test_openai_conversation() -> None:
    """The same through the other SDK: results are messages of their own, names have dates."""
    with SimulatedServer("steady", script=SCRIPT) as server:
        base_url = server.base_urls["chat_completions"]
        with openai.OpenAI(base_url=base_url, api_key="k") as client:
            create: Any = client.chat.completions.create
            messages: list[Any] = [
                {"role": "system", "content": "You are a shop."},
                {"role": "user", "content": [{"type": "text", "text": "My tent is torn."}]},
            ]
            first = create(model="gpt-5-mini", messages=messages)
            message = first.choices[0].message
            (call,) = message.tool_calls
            messages += [message.to_dict()]
            messages += [{"role": "tool", "tool_call_id": call.id, "content": "it is torn"}]
            second = create(model="gpt-5-mini", messages=messages)
    assert "Refunded, said OpenAI's." == second.choices[0].message.content
    assert ("chatcmpl-", 38) == (first.id[:9], len(first.id))
    assert ("call_", 29) == (call.id[:5], len(call.id))
    assert ("gpt-5-mini-2025-08-07", 1_790_000_000) == (first.model, first.created)
    assert first._request_id.startswith("req_")


def test_usage_follows_from_the_words() -> None:
    """Four tokens for three words; more input costs more."""
    with SimulatedServer("steady", script=SCRIPT) as server:
        first, second = conversation(server)
    assert 2 == second.usage.output_tokens
    assert second.usage.input_tokens > first.usage.input_tokens > 20


def test_the_same_again() -> None:
    """Two servers give the same bytes; the same request twice gets another id."""
    body = request_body("messages", prompt="long")
    texts = []
    for _ in range(2):
        with SimulatedServer("steady", script=SCRIPT) as server:
            url = url_of(server, "messages")
            texts.append([httpx2.post(url, json=body).text for _ in range(2)])
    assert texts[0] == texts[1]
    assert json.loads(texts[0][0])["id"] != json.loads(texts[0][1])["id"]


LENGTH = {
    "chat_completions": '"length"',
    "responses": '"max_output_tokens"',
    "messages": '"max_tokens"',
}
"""How each format says that an answer is not whole."""


@pytest.mark.parametrize("api", LENGTH)
def test_endings(api: str) -> None:
    """Refusals and length are told in the provider's words; a function may be the condition."""
    with SimulatedServer("steady", script=SCRIPT) as server:
        url = url_of(server, api)
        texts = [
            httpx2.post(url, json=request_body(api, prompt=prompt) | extra).text
            for prompt, extra in (("a secret", {}), ("long", {}), ("hi", {"temperature": 0}))
        ]
    assert ["I keep secrets." in texts[0], '"refus' in texts[0]] == [True, True]
    assert LENGTH[api] in texts[1]
    assert "Cold." in texts[2]


def test_no_line() -> None:
    """A request that no line is meant for is told so, with its words."""
    with SimulatedServer("steady", script=SCRIPT) as server:
        body = request_body("messages", prompt="What now?")
        answer = httpx2.post(url_of(server, "messages"), json=body)
    assert "The script has no line for 'What now?'." == answer.json()["error"]["message"]


def test_pace() -> None:
    """Answers take the time that the script gives them."""
    script = Script([Line(When(), "one two three")], first=0.1, per_token=0.025)
    with SimulatedServer("steady", script=script) as server, httpx2.Client() as client:
        body = request_body("messages", stream=True)
        started = time.perf_counter()
        with client.stream("POST", url_of(server, "messages"), json=body) as answer:
            next(pieces := answer.iter_raw())
            first = time.perf_counter() - started
            list(pieces)
        total = time.perf_counter() - started
    assert 0.1 <= first < total
    assert 0.2 <= total


def test_faults_apply_to_scripts() -> None:
    """A scripted model can misbehave, too."""
    script = Script([Line(When(), "We need many boats.")])
    with SimulatedServer("wording", script=script) as server:
        answer = httpx2.post(url_of(server, "messages"), json=request_body("messages"))
    assert "require numerous boats." in answer.text


def test_drift_of_a_script() -> None:
    """Without a recording it is the request that decides how a model drifts."""
    script = Script([Line(When(), "We need many boats.")])
    with SimulatedServer("drift", script=script) as server, httpx2.Client() as client:
        url = url_of(server, "messages")
        bodies = [request_body("messages", prompt=str(number)) for number in range(12)]
        texts = [client.post(url, json=body).json()["content"][0]["text"] for body in bodies]
    assert 1 < len(set(texts)) < 12


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        (When(), True),
        (When(model="gpt-*"), False),
        (When(user=""), True),
        (When(result=""), False),
        (When(system="x"), False),
    ],
)
def test_when_of_an_empty_request(when: When, meant: bool) -> None:
    """Only what is given is looked at."""
    assert meant == when(Request(model=None))
