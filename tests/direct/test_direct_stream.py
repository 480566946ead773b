"""`ReplayEngine.stream`: the words of an answer while they come."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openai
import pytest
from made_cassettes import event
from servers.provider_server import ProviderServer, cuts, fails, raw, says

from pytest_llmreplay import Event, ReplayEngine, ReplayOverrides
from pytest_llmreplay.direct.means import Means
from pytest_llmreplay.event import Exchange, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.registry import FORMATS

Recorded = Callable[..., list[Event]]

TEXT = "A rather long answer in several pieces, so that there are some."
ASKED: dict[str, dict[str, Json]] = {
    "chat_completions": {"messages": [{"role": "user", "content": "Hi"}]},
    "messages": {"max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]},
    "responses": {"input": "Hi"},
    "ollama_chat": {"messages": [{"role": "user", "content": "Hi"}]},
    "interactions": {"input": "Hi"},
    "generate_content": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
}


def of(api: str, event: Event) -> Event:
    """The same call in another format."""
    spoken = FORMATS[api]
    path = spoken.stream_path.replace("{model}", "m")
    request = replace(
        event.exchange.request,
        url=f"https://x{path}",
        body=JsonBody(value={"model": "m", **ASKED[api]}),
    )
    answer = JsonBody(value=spoken.encode_response(event.response))
    response = HttpResponse(status=200, headers={"content-type": "application/json"}, body=answer)
    return replace(
        event, api=api, decoder=spoken, exchange=Exchange(request=request, response=response)
    )


def test_words_come_before_the_answer_is_whole(server: ProviderServer, recorded: Recorded) -> None:
    """The first is there while the server still writes; an answer recorded whole is streamed."""
    server.next(says("one two three four five", delay=0.05))
    stream = ReplayEngine(base_url=server.openai).stream(event=recorded()[0])
    began = time.perf_counter()
    first = next(stream)
    early = time.perf_counter() - began
    rest = "".join(stream)
    assert early < time.perf_counter() - began
    assert "one two three four five" == first + rest
    assert rest
    assert "one two three four five" == stream.result.text_after
    assert server.seen[-1].json["stream"] is True


@pytest.mark.parametrize("api", ASKED)
def test_every_format_is_read_while_it_comes(recorded: Recorded, api: str) -> None:
    """Server-sent events and JSON lines; joined, the pieces are the answer."""
    asked = of(api, recorded(event(says=TEXT))[0])
    stream = ReplayEngine(target="simulated/steady").stream(event=asked)
    pieces = list(stream)
    assert TEXT == "".join(pieces)
    assert len(pieces) > 3
    assert stream.result.text_identical


def test_a_failure_is_the_result(server: ProviderServer, recorded: Recorded) -> None:
    """No words, and why."""
    server.next(fails(400, "No such model"))
    stream = ReplayEngine(base_url=server.openai).stream(event=recorded()[0])
    assert [] == list(stream)
    assert "No such model" in (stream.result.error_message or "")


def test_a_stream_that_breaks_keeps_its_words(server: ProviderServer, recorded: Recorded) -> None:
    """What came is yielded; the result says that it was not all."""
    server.next(cuts())
    stream = ReplayEngine(base_url=server.openai).stream(event=recorded()[0])
    _ = list(stream)
    assert stream.result.error_message is not None


def test_leaving_ends_the_call(server: ProviderServer, recorded: Recorded) -> None:
    """Nothing is left open, and the result says that nobody waited."""
    server.next(says("one two three", delay=0.05))
    with ReplayEngine(base_url=server.openai).stream(event=recorded()[0]) as stream:
        next(stream)
    assert "closed before its end" in (stream.result.error_message or "")


def test_what_cannot_be_sent_has_no_words(recorded: Recorded) -> None:
    """Nothing is changed in a recording, so nothing is said."""
    stream = ReplayEngine(target="recorded").stream(
        event=recorded()[0], overrides=ReplayOverrides(parameters={"top_p": 1})
    )
    assert [] == list(stream)
    assert "nothing is sent to 'recorded'" in (stream.result.error_message or "")


def test_money_is_limited(server: ProviderServer, recorded: Recorded) -> None:
    """What a stream cost is charged; the next one that does not fit is not sent."""
    Path("llmreplay.yaml").write_text(
        "targets:\n  dear: {provider: openai, model: m, price: {input: 1000, output: 1000}, "
        f"base_url: '{server.openai}'}}\n"
    )
    engine = ReplayEngine(target="dear", max_cost=0.05)
    event_at_hand = recorded(event(body={"max_tokens": 5}))[0]
    assert engine.stream(event=event_at_hand).result.error_message is None
    again = [engine.stream(event=event_at_hand).result.outcome for _ in range(4)]
    assert "not_run" == again[-1]
    assert len(server.seen) < 5


def by_hook(server: ProviderServer) -> ReplayEngine:
    """An engine whose calls a user's own client makes."""

    def clients() -> Callable[..., object]:
        return lambda *_: openai.AsyncOpenAI(api_key="own", base_url=server.openai)

    return ReplayEngine(means=Means(clients=clients))


def test_a_client_of_the_hook_streams(server: ProviderServer, recorded: Recorded) -> None:
    """As any other: while the server still writes, with the client's own key; and again."""
    for _ in range(2):
        server.next(says("one two three four five", delay=0.05))
        began = time.perf_counter()
        stream = by_hook(server).stream(event=recorded()[0])
        first = next(stream)
        early = time.perf_counter() - began
        assert "one two three four five" == first + "".join(stream)
        assert early < time.perf_counter() - began - 0.1
        assert "one two three four five" == stream.result.text_after
        assert "Bearer own" == server.seen[-1].headers["authorization"]


def test_leaving_ends_the_call_of_a_client_of_the_hook(
    server: ProviderServer, recorded: Recorded
) -> None:
    """With the thread that made it; an error is the result."""
    server.next(says("one two three", delay=0.5), fails(400, "no"))
    with by_hook(server).stream(event=recorded()[0]) as stream:
        assert "one" == next(stream).strip()
    assert "closed before its end" in (stream.result.error_message or "")
    assert not [one for one in threading.enumerate() if one.name.startswith("llmreplay")]
    stream = by_hook(server).stream(event=recorded()[0])
    assert [] == list(stream)
    assert "HTTP 400: no" in (stream.result.error_message or "")


def test_an_answer_that_is_no_stream_is_one_piece(
    server: ProviderServer, recorded: Recorded
) -> None:
    """Some servers answer whole, whatever they are asked; what is no JSON has no words."""
    body = {"choices": [{"message": {"role": "assistant", "content": "Whole."}}]}
    server.next(raw(json.dumps(body).encode()), raw(b"{"))
    engine = ReplayEngine(base_url=server.openai)
    whole = engine.stream(event=recorded()[0])
    assert ["Whole."] == list(whole)
    stream = engine.stream(event=recorded()[0])
    assert [] == list(stream)
    assert "broken JSON" in (stream.result.error_message or "")


def test_a_recording_is_one_piece(recorded: Recorded) -> None:
    """Nothing is sent to `recorded`."""
    stream = ReplayEngine(target="recorded").stream(event=recorded()[0])
    assert ["Hello."] == list(stream)
