"""Each fault spoils what it says and nothing else, in both formats, streamed or not."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import fields
from typing import Any

import httpx2
import openai
import pytest
from replay.simulated.simulated_events import (
    CALL,
    REASONS,
    TEXT,
    naming,
    playing,
    recorded,
    request_body,
    url_of,
)

from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    HttpResponse,
    JsonBody,
    Measured,
    Response,
    StreamBody,
)
from pytest_llmreplay.providers.registry import FORMATS
from pytest_llmreplay.replay.simulated import FAULTS
from pytest_llmreplay.replay.simulated.take import Call, RecordedTake

APIS = ["chat_completions", "responses", "messages"]
WAYS = [(api, stream) for api in APIS for stream in (False, True)]
ways = pytest.mark.parametrize(("api", "stream"), WAYS)
SECOND = ("refund", {"order_id": "HC-2", "reason": "late", "send_back": True})


def replayed(name: str, event: Event, *, stream: bool, seed: int = 0) -> Response:
    """What a simulated model answers, decoded."""
    body = request_body(event.api, stream=stream)
    if stream and event.api == "chat_completions":
        body["stream_options"] = {"include_usage": True}
    with playing(name, event, seed=seed) as server:
        answer = httpx2.post(url_of(server, event.api), json=body, headers=naming(event))
    kept = StreamBody(chunks=(Chunk(at=0, data=answer.content),))
    got = HttpResponse(
        status=answer.status_code,
        body=kept if answer.headers["content-type"].startswith("text/event") else _json(answer),
    )
    return event.decoder.response(Exchange(request=event.exchange.request, response=got))


def _json(answer: httpx2.Response) -> JsonBody:
    return JsonBody(value=answer.json())


def arguments(response: Response) -> list[Any]:
    """Arguments of all calls."""
    return [call.arguments for call in response.tool_calls]


@ways
def test_wording(api: str, stream: bool) -> None:
    """Other words, the same numbers and the same call."""
    event = recorded(api, calls=(CALL,))
    response = replayed("wording", event, stream=stream)
    assert response.text.endswith(
        "I can assist, since the order is big. You require just 2 things."
    )
    assert [CALL[1]] == arguments(response)
    assert "tool_call" == response.finish_reason
    assert response.usage.output_tokens is not None


@ways
def test_wording_of_json(api: str, stream: bool) -> None:
    """JSON stays JSON: only its sentences change."""
    value = {"score": 7, "kind": "need help", "notes": ["This is important because it helps."]}
    event = recorded(api, text=json.dumps(value, indent=2))
    response = replayed("wording", event, stream=stream)
    again = json.loads(response.text)
    assert (7, "need help") == (again["score"], again["kind"])
    assert again["notes"][0].endswith("his is significant since it assists.")
    assert "\n" in response.text


@ways
def test_tool_dropped(api: str, stream: bool) -> None:
    """The only call becomes a promise; of two calls one is left."""
    one = replayed("tool-dropped", recorded(api, text="", calls=(CALL,)), stream=stream)
    two = replayed("tool-dropped", recorded(api, calls=(CALL, SECOND)), stream=stream)
    said = replayed("tool-dropped", recorded(api, calls=(CALL,)), stream=stream)
    assert ("I will take care of that now.", (), "stop") == (
        one.text,
        one.tool_calls,
        one.finish_reason,
    )
    assert (1, "tool_call") == (len(two.tool_calls), two.finish_reason)
    assert (TEXT, ()) == (said.text, said.tool_calls)


class Contended(Event):
    """An event as threads see it: from Python 3.12 on, each may decode the answer for itself."""

    @property
    def response(self) -> Response:
        """The answer, decoded anew."""
        return self.decoder.response(self.exchange)


@pytest.mark.parametrize("fault", ["tool-changed", "tool-dropped", "broken-json", "truncated"])
def test_an_event_that_several_threads_decode_is_spoilt_all_the_same(fault: str) -> None:
    """Simulated models side by side answer from one recording."""
    event = recorded("messages", calls=(CALL,))
    given = {one.name: getattr(event, one.name) for one in fields(event)}
    call = Call(api=FORMATS["messages"], path="/v1/messages", body={"model": "m"})
    take = RecordedTake(call, Contended(**given), seed=0)
    assert FAULTS[fault](take) != take.steady


@ways
def test_tool_changed(api: str, stream: bool) -> None:
    """One argument of one call is another one of its kind."""
    event = recorded(api, calls=(CALL,))
    for seed in range(6):
        (changed,) = arguments(replayed("tool-changed", event, stream=stream, seed=seed))
        (key,) = {key for key in CALL[1] if changed[key] != CALL[1][key]}
        others: dict[str, list[Any]] = {
            "order_id": ["HC-48214"],
            "reason": REASONS[1:],
            "send_back": [True],
        }
        assert changed[key] in others[key]


@pytest.mark.parametrize("api", APIS)
def test_broken_json(api: str) -> None:
    """An answer that was JSON is none any more."""
    event = recorded(api, text='{"score": 7}\n')
    assert '{"score": 7' == replayed("broken-json", event, stream=False).text


def test_broken_arguments() -> None:
    """The arguments of the last call end too early."""
    event = recorded("chat_completions", text="", calls=(CALL, SECOND))
    first, last = replayed("broken-json", event, stream=True).tool_calls
    assert CALL[1] == first.arguments
    assert isinstance(last.arguments, str)
    assert '{"order_id": "HC-2"' == last.arguments[:19]


def test_broken_arguments_where_none_can_break() -> None:
    """In messages arguments are always an object: they are a wrong one then."""
    event = recorded("messages", calls=(CALL,))
    assert [CALL[1]] != arguments(replayed("broken-json", event, stream=False))


@ways
def test_refusal(api: str, stream: bool) -> None:
    """The provider's own sign of a refusal, and no call."""
    response = replayed("refusal", recorded(api, calls=(CALL,)), stream=stream)
    assert () == response.tool_calls
    refused = response.refusal is not None or response.finish_reason == "content_filter"
    assert refused
    assert "can't help with that" in (response.refusal or "") + response.text


@ways
def test_truncated(api: str, stream: bool) -> None:
    """Half of the text, ended by length; without text half of the last call."""
    event = recorded(api, calls=(CALL,))
    half = replayed("truncated", event, stream=stream)
    call = replayed("truncated", recorded(api, text="", calls=(CALL,)), stream=stream)
    assert TEXT.startswith(half.text)
    assert "length" == half.finish_reason == call.finish_reason
    assert [CALL[1]] != arguments(call)
    assert half.usage.output_tokens is not None
    assert event.usage.output_tokens is not None
    assert half.usage.output_tokens < event.usage.output_tokens


@ways
def test_verbose(api: str, stream: bool) -> None:
    """Four times as many tokens; a text grows, JSON and calls stay."""
    event = recorded(api, calls=(CALL,))
    response = replayed("verbose", event, stream=stream)
    assert event.usage.output_tokens is not None
    assert 4 * event.usage.output_tokens == response.usage.output_tokens
    assert response.text.startswith(TEXT)
    assert len(response.text) > 3 * len(TEXT)
    assert [CALL[1]] == arguments(response)
    json_event = recorded(api, text='{"a": 1}')
    assert '{"a": 1}' == replayed("verbose", json_event, stream=stream).text


@ways
def test_slow(api: str, stream: bool) -> None:
    """Six times the measured time, in all and to the first piece."""
    measured = Measured(duration=0.05, time_to_first_chunk=0.02)
    event = recorded(api, stream=stream, measured=measured)
    body = request_body(api, stream=stream)
    with playing("slow", event) as server, httpx2.Client() as client:
        started = time.perf_counter()
        with client.stream("POST", url_of(server, api), json=body, headers=naming(event)) as answer:
            next(pieces := answer.iter_raw())
            first = time.perf_counter() - started
            list(pieces)
        total = time.perf_counter() - started
    assert first >= (0.12 if stream else 0.3)
    assert total >= 0.3


def test_slow_without_measures() -> None:
    """A recording without times is slow all the same."""
    event = recorded("messages")
    started = time.perf_counter()
    replayed("slow", event, stream=False)
    assert 1.2 <= time.perf_counter() - started


def test_rate_limited() -> None:
    """The SDK waits as told and gets the recorded answer."""
    event = recorded("chat_completions")
    with playing("rate-limited", event) as server:
        base_url = server.base_urls["chat_completions"]
        first = httpx2.post(
            url_of(server, event.api), json=request_body(event.api), headers=naming(event)
        )
        other = playing("rate-limited", event)
        with openai.OpenAI(base_url=base_url, api_key="k", max_retries=1) as client, other:
            there = client.with_options(base_url=other.base_urls["chat_completions"])
            create: Any = there.chat.completions.create
            answer = create(**request_body(event.api), extra_headers=naming(event))
            assert 2 == other.calls
    assert (429, "20") == (first.status_code, first.headers["retry-after-ms"])
    assert TEXT == answer.choices[0].message.content


@ways
def test_failing(api: str, stream: bool) -> None:
    """Every call is an error of the server."""
    response = replayed("failing", recorded(api), stream=stream)
    assert response.error is not None
    assert (500, "api_error") == (response.error.status, response.error.type)


@ways
def test_disconnect(api: str, stream: bool) -> None:
    """The connection breaks before the end of the answer."""
    with pytest.raises(httpx2.RemoteProtocolError):
        replayed("disconnect", recorded(api, stream=stream), stream=stream)


@ways
def test_nothing_to_spoil(api: str, stream: bool) -> None:
    """Faults of tool calls and JSON leave a plain text as it was recorded."""
    event = recorded(api, stream=stream)
    for name in ("tool-dropped", "tool-changed", "broken-json"):
        assert event.response.parts == replayed(name, event, stream=stream).parts
    empty = recorded(api, text="", stream=stream)
    for name in ("truncated", "wording", "tool-changed"):
        assert empty.response.parts == replayed(name, empty, stream=stream).parts
    unchangeable = recorded(api, text="", calls=(("stop", {}),), stream=stream)
    assert [{}] == arguments(replayed("tool-changed", unchangeable, stream=stream))


def test_recorded_errors_stay() -> None:
    """No fault makes an answer of a recorded error."""
    body = JsonBody(value={"error": {"message": "no such model", "type": "not_found_error"}})
    event = recorded("chat_completions", body=body, status=404)
    for name in ("wording", "refusal", "truncated", "verbose"):
        response = replayed(name, event, stream=False)
        assert event.response.error == response.error


def test_drift_is_a_mixture() -> None:
    """Most events are steady, some reworded, few call wrongly, one in thirty or so refuses."""
    kinds: Counter[str] = Counter()
    calls = ((CALL,), (), (), ())
    events = [recorded("messages", calls=calls[n % 4], number=n) for n in range(200)]
    with playing("drift", *events) as server, httpx2.Client() as client:
        for event in events:
            url, body = url_of(server, "messages"), request_body("messages")
            answer = client.post(url, json=body, headers=naming(event)).json()
            kinds[_kind(answer)] += 1
    assert ["steady", "wording", "tool", "refusal"] == [kind for kind, _ in kinds.most_common()]
    assert 100 <= kinds["steady"]
    assert 1 <= kinds["refusal"] <= 12


def _kind(answer: dict[str, Any]) -> str:
    if answer["stop_reason"] == "refusal":
        return "refusal"
    text, *calls = answer["content"]
    if calls and calls[0]["input"] != CALL[1]:
        return "tool"
    return "steady" if text["text"] == TEXT else "wording"


@pytest.mark.parametrize("name", ["wording", "tool-changed", "drift", "verbose", "tool-dropped"])
def test_the_seed_decides(name: str) -> None:
    """The same seed gives the same answers in any server; another seed gives others."""
    events = [recorded("messages", calls=(CALL, SECOND), number=n) for n in range(12)]
    runs = []
    for seed in (3, 3, 4):
        with playing(name, *events, seed=seed) as server, httpx2.Client() as client:
            url, body = url_of(server, "messages"), request_body("messages")
            runs.append([client.post(url, json=body, headers=naming(e)).text for e in events])
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
