"""Requests of Helicone: the forms in which it keeps bodies, sessions and properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.told_logs import calls_in, event_of, found_in, one_call, problems_in, written

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.helicone.source import HELICONE
from pytest_llmreplay.importers.source import PassedOver

ASKED = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "system", "content": "You evaluate arguments."},
        {"role": "user", "content": "Markets adapt."},
    ],
    "temperature": 0,
}
SAID = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Score: 7", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23},
}
PROPERTIES = {
    "Helicone-Session-Id": "7f0c",
    "Helicone-Session-Name": "AI Debate",
    "Helicone-Session-Path": "/debate/climate-change",
    "Helicone-Prompt-Id": "argument-evaluation",
    "Team": "growth",
}


def record(**more: Any) -> dict[str, Any]:
    """A request, as `POST /v1/request/query` answers it."""
    return {
        "request_id": "r-1",
        "request_created_at": "2024-11-12T10:00:00.000Z",
        "response_status": 200,
        "request_path": "https://oai.helicone.ai/v1/chat/completions",
        "target_url": "https://api.openai.com/v1/chat/completions",
        "request_properties": PROPERTIES,
        "provider": "OPENAI",
        "request_model": "gpt-4o-mini",
        "response_model": "gpt-4o-mini-2024-07-18",
        "delay_ms": 1500,
        "time_to_first_token": None,
        "prompt_tokens": 20,
        "completion_tokens": 3,
        "prompt_id": None,
        "signed_body_url": "https://bucket.example.com/r-1?sig=1",
        "request_body": ASKED,
        "response_body": SAID,
        **more,
    }


def test_bodies_in_the_record_are_imported_as_they_were_sent(tmp_path: Path) -> None:
    """An inlined body is the wire's own, and goes to the provider, not to Helicone's proxy."""
    call, event = one_call(HELICONE, written(tmp_path / "q.json", {"data": [record()]}))
    assert ("wire", "openai", "chat_completions") == (call.origin, call.provider, call.api)
    assert "https://api.openai.com/v1/chat/completions" == event.exchange.request.url
    assert ASKED == getattr(event.exchange.request.body, "value", None)
    assert SAID == getattr(getattr(event.exchange.response, "body", None), "value", None)
    assert (1.5, "2024-11-12T10:00:00.000Z") == (call.measured.duration, call.measured.at)


def test_headers_of_an_application_become_session_prompt_and_labels(tmp_path: Path) -> None:
    """The three session headers, the prompt's id, and properties of one's own."""
    call, _ = one_call(HELICONE, written(tmp_path / "q.jsonl", [record()]))
    assert call.session is not None
    assert ("7f0c", "AI Debate", "/debate/climate-change") == (
        call.session.id,
        call.session.name,
        call.session.path,
    )
    assert "argument-evaluation" == call.prompt
    assert {"team": "growth"} == call.labels


@pytest.mark.parametrize(
    "form",
    [
        {"request_body": json.dumps(ASKED), "response_body": json.dumps(SAID)},
        {"request_body": None, "response_body": None, "body": {"request": ASKED, "response": SAID}},
        {"request_body": {}, "response_body": SAID, "body": ASKED},
        {"request_body": "", "response_body": None, "body": ASKED, "response": SAID},
    ],
    ids=["texts", "both sides under body", "body is the request", "body and response"],
)
def test_every_form_of_body_is_read(tmp_path: Path, form: dict[str, Any]) -> None:
    """Helicone's API, its export tool and its guides keep them differently."""
    _, event = one_call(HELICONE, written(tmp_path / "q.jsonl", [record(**form)]))
    assert ("Markets adapt.", "Score: 7") == (
        getattr(event.request.messages[1].parts[0], "content", None),
        event.response.text,
    )


def test_a_body_elsewhere_is_fetched_only_if_a_person_asks(tmp_path: Path) -> None:
    """Without the option, the record is reported and nothing is opened."""
    told = record(request_body=None, response_body=None)
    path = written(tmp_path / "q.jsonl", [told, record()])
    assert [
        "q.jsonl:1: its bodies are behind signed_body_url; --fetch gets them from there"
    ] == problems_in(HELICONE, path)
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return json.dumps({"request": ASKED, "response": SAID}).encode()

    calls = calls_in(HELICONE.fetching(fetch), path)
    assert ["Score: 7", "Score: 7"] == [event_of(call).response.text for call in calls]
    assert ["https://bucket.example.com/r-1?sig=1"] == asked


def said_instead(text: str) -> str:
    """What Helicone's API says in the place of a body."""
    return json.dumps({"helicone_message": text})


def test_what_stands_in_the_place_of_a_body_is_none(tmp_path: Path) -> None:
    """Helicone's API says in both bodies that they are elsewhere, or why there are none."""
    elsewhere = said_instead("fetching body from signed_url... contact engineering@helicone.ai")
    told = record(request_body=elsewhere, response_body=json.loads(elsewhere))
    source = HELICONE.fetching(lambda _: json.dumps({"request": ASKED, "response": SAID}).encode())
    call, event = one_call(source, written(tmp_path / "q.jsonl", [told]))
    assert ("chat_completions", "Score: 7") == (call.api, event.response.text)
    lost = [
        {**told, "signed_body_url": None},
        record(response_body=said_instead("request body too large"), signed_body_url=None),
    ]
    assert [
        "q.jsonl:1: its bodies are behind signed_body_url; --fetch gets them from there",
        "q.jsonl:2: no request body",
        "q.jsonl:3: no response body",
    ] == problems_in(HELICONE, written(tmp_path / "q.jsonl", [told, *lost]))


def test_a_body_that_cannot_be_fetched_is_told(tmp_path: Path) -> None:
    """And the rest goes on."""

    def fetch(_: str) -> bytes:
        raise InputUnreadable("signed_body_url answers with status 403")

    path = written(tmp_path / "q.jsonl", [record(request_body=None), record()])
    assert ["q.jsonl:1: signed_body_url answers with status 403"] == problems_in(
        HELICONE.fetching(fetch), path
    )


def test_a_streamed_request_becomes_a_stream_again(tmp_path: Path) -> None:
    """Helicone keeps the answer that it put together; the client had asked for pieces."""
    told = record(
        request_body={**ASKED, "stream": True},
        response_body={**SAID, "streamed_data": [{"choices": []}]},
        time_to_first_token=300,
    )
    call, event = one_call(HELICONE, written(tmp_path / "q.jsonl", [told]))
    assert ("reconstructed", "argument-evaluation", {"team": "growth"}) == (
        call.origin,
        call.prompt,
        call.labels,
    )
    assert {**ASKED, "stream": True} == getattr(event.exchange.request.body, "value", None)
    assert ("Score: 7", 20, 3) == (
        event.response.text,
        event.usage.input_tokens,
        event.usage.output_tokens,
    )
    assert 0.3 == call.measured.time_to_first_chunk


def test_a_streamed_request_keeps_the_address_that_it_had(tmp_path: Path) -> None:
    """As that of a deployment of Azure."""
    url = "https://me.openai.azure.com/openai/deployments/d/chat/completions?api-version=1"
    told = record(target_url=url, request_body={**ASKED, "stream": True})
    call, event = one_call(HELICONE, written(tmp_path / "q.jsonl", [told]))
    assert ("azure", url, "Score: 7") == (
        call.provider,
        event.exchange.request.url,
        event.response.text,
    )


def test_a_streamed_request_that_failed_is_a_plain_error(tmp_path: Path) -> None:
    """With the status that the log tells."""
    told = record(
        request_body={**ASKED, "stream": True},
        response_status=429,
        response_body={"error": {"message": "slow down"}},
    )
    call, event = one_call(HELICONE, written(tmp_path / "q.jsonl", [told]))
    error = event.response.error
    assert error is not None
    assert ("wire", 429, "slow down") == (call.origin, error.status, error.message)


def test_the_text_of_a_stream_is_the_stream(tmp_path: Path) -> None:
    """Some versions keep what came, as it came."""
    piece = {"choices": [{"index": 0, "delta": {"content": "Score: 7"}, "finish_reason": "stop"}]}
    text = f"data: {json.dumps(piece)}\n\ndata: [DONE]\n\n"
    told = record(request_body={**ASKED, "stream": True}, response_body=text)
    call, event = one_call(HELICONE, written(tmp_path / "q.jsonl", [told]))
    assert ("wire", "Score: 7", False) == (
        call.origin,
        event.response.text,
        event.response.truncated,
    )


def test_requests_of_anthropic_keep_their_format(tmp_path: Path) -> None:
    """The path tells the format, whichever it is."""
    told = record(
        target_url=None,
        request_path="https://anthropic.helicone.ai/v1/messages",
        request_body={
            "model": "claude-sonnet-4-5",
            "max_tokens": 10,
            "messages": [{"role": "user", "content": "Hi"}],
        },
        response_body={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": "Hello"}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
    )
    call, event = one_call(HELICONE, written(tmp_path / "q.jsonl", [told]))
    assert ("anthropic", "messages", "Hello") == (call.provider, call.api, event.response.text)


@pytest.mark.parametrize(
    ("mapping", "asked", "expected"),
    [
        ("OPENAI", ASKED, ("helicone", "chat_completions")),
        ("RESPONSES", {"model": "claude-haiku-4.5", "input": "Hi"}, ("helicone", "responses")),
        ("OPENAI", {"model": "m", "input": "Hi"}, ("anthropic", "other")),
        ("NO_MAPPING", ASKED, ("anthropic", "messages")),
        (None, ASKED, ("anthropic", "messages")),
    ],
)
def test_bodies_that_the_gateway_translated_are_in_its_own_format(
    tmp_path: Path, mapping: str | None, asked: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Helicone keeps what the application sent and got, and the address of the provider."""
    told = record(
        ai_gateway_body_mapping=mapping,
        target_url="https://api.anthropic.com/v1/messages",
        request_body=asked,
    )
    call, _ = one_call(HELICONE, written(tmp_path / "q.jsonl", [told]))
    assert expected == (call.provider, call.api)


def test_a_picture_that_helicone_keeps_elsewhere_is_told_as_lost(tmp_path: Path) -> None:
    """What stands in its place is no address that a model could look at."""
    url = '<helicone-asset-id key="a-1"/>'
    content = [{"type": "image_url", "image_url": {"url": url}}]
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": content}]}
    call, _ = one_call(HELICONE, written(tmp_path / "q.jsonl", [record(request_body=asked)]))
    assert ("reconstructed", "media") == (call.origin, call.labels["losses"])


def test_errors_and_calls_that_were_given_up_are_recorded_as_such(tmp_path: Path) -> None:
    """With their status, or without an answer."""
    path = written(
        tmp_path / "q.jsonl",
        [
            record(response_status=429, response_body={"error": {"message": "slow down"}}),
            record(response_status=500, response_body="upstream died"),
            record(response_status=-3, response_body=None),
        ],
    )
    errors = [event_of(call).response.error for call in calls_in(HELICONE, path)]
    assert [(429, "slow down"), (500, "upstream died"), (None, "no answer: cancelled")] == [
        (error.status, error.message) for error in errors if error
    ]


def test_what_cannot_be_imported_is_told_with_its_place(tmp_path: Path) -> None:
    """Pending requests, records of custom loggers, records without bodies or addresses."""
    path = written(
        tmp_path / "q.jsonl",
        [
            record(response_status=-2, response_body=None),
            record(request_body={"_type": "tool", "toolName": "x"}),
            record(request_body=None, signed_body_url=None),
            record(response_body=None, signed_body_url=None),
            record(target_url=None, request_path="/v1/chat/completions"),
            record(target_url="https://example.org/v1/other", request_body={"a": 1}),
        ],
    )
    passed = [one.reason for one in found_in(HELICONE, path) if isinstance(one, PassedOver)]
    assert "a record of a custom logger that is no call of a model" == passed[0]
    assert 2 == len(passed)
    assert [
        "q.jsonl:1: no answer: the request was pending, or blocked by Helicone",
        "q.jsonl:3: no request body",
        "q.jsonl:4: no response body",
        "q.jsonl:5: no target_url or request_path that is an address",
    ] == problems_in(HELICONE, path)
