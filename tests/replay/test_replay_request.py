"""From a recorded event to a request and back to an event, through real servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from replay.replay_server import CHAT, MESSAGE, Answer, Loopback, Seen, as_json

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import (
    Chunk,
    Event,
    Exchange,
    Failure,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    Session,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotReplayed, Reply
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.calls.trust import BaseUrl
from pytest_llmreplay.replay.overrides import Overrides, parse_overrides
from pytest_llmreplay.replay.requests.request import prepare
from pytest_llmreplay.replay.requests.request_head import encoded_path
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, resolve
from pytest_llmreplay.replay.unsent.hosted import account_actions, refusal
from pytest_llmreplay.replay.unsent.unsendable import EMBEDDINGS, RECORDED_ERRORS, not_replayed

Serve = Callable[[Callable[[Seen], Any]], Loopback]

ASKED: dict[str, Json] = {
    "messages": [{"role": "user", "content": "Hello"}],
    "model": "gpt-5-mini",
    "max_completion_tokens": 50,
    "seed": None,
    "x-unknown": {"b": 1, "a": [1.0, None]},
}


def recorded(
    body: Json = None, *, api: str = "chat_completions", status: int = 200, **headers: str
) -> Event:
    """A recorded event that asked this."""
    sent = ASKED if body is None else body
    request = HttpRequest(
        method="DELETE",
        url="https://evil.example/v1/files?api_key=x",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=JsonBody(value=sent),
    )
    response = HttpResponse(status=status, body=JsonBody(value=CHAT))
    return Event(
        number=2,
        name="greeting",
        session=Session(id="s"),
        labels={"a": "b"},
        checks=("text",),
        provider="openai",
        model=str(sent.get("model")) if isinstance(sent, dict) else None,
        api=api,
        exchange=Exchange(request=request, response=response),
        decoder=decoder_of(api),
    )


def at(server: Loopback, **more: Any) -> Target:
    """A target at a server."""
    base = BaseUrl(url=server.url, source="command line", place="--llm-base-url")
    return Target(**{"name": "there", "kind": "live", "base_url": base, **more})


def send(
    server: Loopback, event: Event, overrides: Overrides | None = None, **more: Any
) -> Reply | ReplayError:
    """What a server answers to a recorded event."""
    target = more.pop("target", None) or at(server)
    job = Job(
        target=target.name,
        prepare=lambda: prepare(event, target, overrides or Overrides(), Endpoints({}), **more),
    )
    with Engine(timeout=5, rules=RetryRules(retries=0)) as engine:
        engine.start([job])
        return engine.result(job)


def replayed(server: Loopback, event: Event, *, errors: bool = False) -> Event:
    """The event that a server's answer makes."""
    reply = send(server, event, allow=[RECORDED_ERRORS] if errors else ())
    assert isinstance(reply, Reply), reply
    return replayed_event(event, reply, target="there", errors=errors)


def test_the_recorded_body_goes_out_untouched(serve: Serve) -> None:
    """Same keys, same order, nulls and unknown keys; only path and method are the format's."""
    server = serve(lambda _: as_json(CHAT))
    send(server, recorded())
    assert json.dumps(ASKED) == json.dumps(server.seen[0].json)
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/v1/chat/completions")


def test_model_parameters_and_overrides_are_set_in_this_order(serve: Serve) -> None:
    """The target's model and parameters, and above them what was typed."""
    server = serve(lambda _: as_json(CHAT))
    target = at(server, model="tiny", parameters={"temperature": 0.7, "top_p": 0})
    typed = parse_overrides(["temperature=0", "max_completion_tokens=null"])
    send(server, recorded(), typed, target=target)
    sent = server.seen[0].json
    assert (sent["model"], sent["temperature"], sent["top_p"]) == ("tiny", 0, 0)
    assert "max_completion_tokens" not in sent
    assert ASKED["x-unknown"] == sent["x-unknown"]


def test_a_stream_is_asked_for_its_usage(serve: Serve) -> None:
    """Chat streams get `include_usage`; what else stands there stays."""
    server = serve(lambda _: as_json(CHAT))
    event = recorded({**ASKED, "stream": True, "stream_options": {"x": 1}})
    send(server, event)
    assert server.seen[0].json["stream_options"] == {"x": 1, "include_usage": True}


def test_versions_of_the_recording_are_sent_again(serve: Serve) -> None:
    """The headers that say how a body is meant go along, and no other recorded header."""
    server = serve(lambda _: as_json(MESSAGE))
    event = recorded(
        api="messages",
        anthropic_version="2026-10-21",
        anthropic_beta="context-1m",
        authorization="Bearer stolen",
        x_evil="1",
        host="evil.example",
    )
    send(server, event)
    headers = server.seen[0].headers
    assert headers["anthropic-version"] == "2026-10-21"
    assert headers["anthropic-beta"] == "context-1m"
    assert headers["authorization"] == "Bearer no-key-needed"
    assert f"127.0.0.1:{server.port}" == headers["host"]
    assert "x-evil" not in headers


def test_a_message_without_a_version_gets_the_oldest(serve: Serve) -> None:
    """An import that names none may hold what later versions refuse."""
    server = serve(lambda _: as_json(MESSAGE))
    send(server, recorded(api="messages"))
    assert server.seen[0].headers["anthropic-version"] == "2023-06-01"
    assert server.seen[0].path == "/v1/messages"


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "", "\x00", "ü", "x" * 2000])
def test_a_header_that_is_no_plain_text_is_refused(value: str) -> None:
    """Line breaks and the like in a recorded header never reach the wire."""
    event = replace(recorded(api="messages", anthropic_beta=value), provider="anthropic")
    endpoints = Endpoints({"ANTHROPIC_API_KEY": "x"})
    with pytest.raises(ReplayError, match="anthropic-beta is no plain text"):
        prepare(event, Target(name="x", kind="same"), Overrides(), endpoints)


def test_lone_surrogates_survive(serve: Serve) -> None:
    """Half a character is sent as the escape that it was."""
    server = serve(lambda _: as_json(CHAT))
    send(server, recorded({"messages": [{"role": "user", "content": "\ud83d"}], "model": "m"}))
    assert server.seen[0].json["messages"][0]["content"] == "\ud83d"


@given(model=st.text(min_size=1, max_size=30))
@example(model="models/..")
@example(model="tunedModels/x/y")
@settings(max_examples=200)
def test_a_model_in_a_path_is_one_segment(model: str) -> None:
    """Whatever the model is called, the server sees the format's path and nothing else."""
    collection, _, name = model.rpartition("/")
    if collection not in {"models", "tunedModels"}:
        collection, name = "models", model
    try:
        path = encoded_path("/models/{model}:generateContent", model)
    except ReplayError:
        assert not name.strip(".")
        return
    parts = urlsplit(f"http://h{path}")
    assert parts.path.split("/")[:2] == ["", collection]
    assert len(parts.path.split("/")) == 3
    assert (parts.query, parts.fragment) == ("", "")
    segment = parts.path.split("/")[2].removesuffix(":generateContent")
    assert name.encode("utf-8", "surrogatepass") == unquote(
        segment, encoding="utf-8", errors="surrogatepass"
    ).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("models/gemini-3-pro", "/models/gemini-3-pro:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("google/models/x", "/models/google%2Fmodels%2Fx:generateContent"),
    ],
)
def test_a_model_may_name_its_collection(model: str, path: str) -> None:
    """Google's names begin with it, and its URLs hold it once."""
    assert path == encoded_path("/models/{model}:generateContent", model)


@pytest.mark.parametrize("model", ["..", ".", "", None, "models/..", "models/"])
def test_a_model_of_dots_cannot_stand_in_a_path(model: str | None) -> None:
    """A segment that servers resolve is no model."""
    with pytest.raises(ReplayError, match="cannot stand in a URL"):
        encoded_path("/models/{model}", model)
    assert encoded_path("/v1/messages", model) == "/v1/messages"


@given(
    method=st.text(max_size=8),
    url=st.one_of(st.text(max_size=60), st.just("https://evil.example/v1/files?api_key=x#y")),
    model=st.text(max_size=40),
    provider=st.sampled_from(["openai", "local", "gateway", "azure", "bedrock", "vertex", "x"]),
)
@settings(max_examples=100, deadline=None)
def test_a_cassette_chooses_neither_method_nor_place(
    method: str, url: str, model: str, provider: str
) -> None:
    """Any method, URL, model and provider give the target's address and the format's path."""
    request = HttpRequest(method=method, url=url, body=JsonBody(value={**ASKED, "model": model}))
    event = recorded()
    event = replace(
        event,
        provider=provider,
        model=model,
        exchange=Exchange(request=request, response=event.exchange.response),
    )
    base = BaseUrl(url="http://127.0.0.1:9/v1", source="command line", place="x")
    target = Target(name="t", kind="same", base_url=base)
    sent = prepare(event, target, Overrides(), Endpoints({}))
    assert sent.url == "http://127.0.0.1:9/v1/chat/completions"
    assert model == sent.body["model"]


def test_what_bedrock_takes_in_the_body_is_a_header_elsewhere() -> None:
    """A Claude that was asked there is asked the same at Anthropic: version and betas go along."""
    told: dict[str, Json] = {"anthropic_version": "2026-10-21", "anthropic_beta": ["a", "b"]}
    event = recorded({**ASKED, **told}, api="messages")
    base = BaseUrl(url="http://127.0.0.1:9", source="command line", place="x")
    target = Target(name="t", kind="same", base_url=base)
    sent = prepare(event, target, Overrides(), Endpoints({}))
    assert ("2026-10-21", "a,b") == (
        sent.headers["anthropic-version"],
        sent.headers["anthropic-beta"],
    )
    assert not {"anthropic_version", "anthropic_beta"} & sent.body.keys()


HOSTED: dict[str, tuple[str, dict[str, Any]]] = {
    "remote mcp": ("mcp", {"tools": [{"type": "mcp", "server_url": "https://evil.example"}]}),
    "file search": ("file_search", {"tools": [{"type": "file_search", "vector_store_ids": ["v"]}]}),
    "web search": ("web_search", {"tools": [{"type": "web_search"}]}),
    "web search preview": ("web_search", {"tools": [{"type": "web_search_preview_2025_03_11"}]}),
    "anthropic web search": (
        "web_search",
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    ),
    "code interpreter": ("code_interpreter", {"tools": [{"type": "code_interpreter"}]}),
    "code execution": ("code_execution", {"tools": [{"type": "code_execution_20250522"}]}),
    "computer use": ("computer_use", {"tools": [{"type": "computer_use_preview"}]}),
    "anthropic computer": ("computer", {"tools": [{"type": "computer_20250124"}]}),
    "container": ("container", {"container": "cntr_1"}),
    "previous response": ("previous_response_id", {"previous_response_id": "resp_1"}),
    "thread": ("thread", {"thread": {"type": "continue", "previous_message_id": "msg_1"}}),
    "conversation": ("conversation", {"conversation": {"id": "conv_1"}}),
    "stored prompt": ("prompt", {"prompt": {"id": "pmpt_1"}}),
    "background": ("background", {"background": True}),
    "mcp servers": ("mcp", {"mcp_servers": [{"url": "https://evil.example"}]}),
    "search options": ("web_search", {"web_search_options": {"x": 1}}),
    "somebody else pays": ("billing_policy", {"billing_policy": {"bill_to": "user_profile"}}),
    "search options that say nothing": ("web_search", {"web_search_options": {}}),
    "search by a flag": ("web_search", {"enable_search": True}),
    "connectors": ("connectors", {"connectors": [{"id": "web-search"}]}),
    "a function of the provider": (
        "builtin_function",
        {"tools": [{"type": "builtin_function", "function": {"name": "$web_search"}}]},
    ),
    "file": (
        "file_id",
        {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
    ),
    "file in a source": (
        "file_id",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "content": [
                                {"type": "document", "source": {"type": "file", "file_id": "f"}}
                            ],
                        }
                    ],
                }
            ]
        },
    ),
    "tools within the conversation": (
        "mcp",
        {
            "input": [
                {"type": "additional_tools", "role": "developer", "tools": [{"type": "mcp"}]},
                {"type": "tool_search_output", "tools": [{"type": "function", "name": "f"}]},
            ]
        },
    ),
    "an item kept by the provider": (
        "item_reference",
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
    ),
    "an item that is nothing but its id": ("item_reference", {"input": [{"id": "msg_1"}]}),
    "gemini search": ("web_search", {"tools": [{"google_search": {}}]}),
    "gemini search in camelCase": ("web_search", {"tools": [{"googleSearch": {}}]}),
    "gemini search beside functions": (
        "web_search",
        {"tools": [{"functionDeclarations": [], "googleSearch": {}}]},
    ),
    "one gemini tool": ("code_execution", {"tools": {"codeExecution": {}}}),
    "gemini file search": ("file_search", {"tools": [{"fileSearch": {}}]}),
    "gemini url context": ("url_context", {"tools": [{"urlContext": {}}]}),
    "gemini file": (
        "file_id",
        {
            "contents": [
                {
                    "parts": [
                        {
                            "fileData": {
                                "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"
                            }
                        }
                    ]
                }
            ]
        },
    ),
    "gemini file in a tool result": (
        "file_id",
        {
            "contents": [
                {
                    "parts": [
                        {
                            "function_response": {
                                "parts": [{"file_data": {"file_uri": "gs://bucket/object"}}]
                            }
                        }
                    ]
                }
            ]
        },
    ),
    "gemini file in the instructions": (
        "file_id",
        {"system_instruction": {"parts": [{"file_data": {"file_uri": "files/a"}}]}},
    ),
    "gemini file that is no text": ("file_id", {"contents": [{"fileData": {"fileUri": 1}}]}),
    "gemini file that is no address": ("file_id", {"contents": [{"fileUri": "http://["}]}),
    "gemini cache": ("cached_content", {"cachedContent": "cachedContents/x"}),
    "gemini continuation": ("continuation_token", {"continuationToken": "AA=="}),
    "an interaction kept by google": (
        "previous_interaction_id",
        {"previous_interaction_id": "v1_1"},
    ),
    "an agent": ("agent", {"agent": "deep-research"}),
    "an environment": ("environment", {"environment": {"type": "remote"}}),
    "a webhook": ("webhook_config", {"webhook_config": {"uris": ["https://evil.example"]}}),
    "google search among typed tools": ("web_search", {"tools": [{"type": "google_search"}]}),
    "a remote mcp server": ("mcp_server", {"tools": [{"type": "mcp_server", "url": "https://x"}]}),
    "a file of an interaction": (
        "file_id",
        {
            "input": [
                {"type": "user_input", "content": [{"type": "image", "uri": "gs://bucket/object"}]}
            ]
        },
    ),
    "where videos are written to": (
        "gcs_uri",
        {"response_format": [{"type": "text"}, {"type": "video", "gcs_uri": "gs://bucket/"}]},
    ),
    "vertex storage": ("output_uri_prefix", {"outputConfig": {"outputUriPrefix": "gs://a/b"}}),
    "grok live search": ("web_search", {"search_parameters": {"mode": "on"}}),
    "a tool of tomorrow": ("teleport", {"tools": [{"type": "teleport_20300101"}]}),
    "no tool at all": ("unknown_tool", {"tools": ["x"]}),
}


@pytest.mark.parametrize("name", HOSTED)
@pytest.mark.parametrize("api", ["chat_completions", "responses", "messages"])
def test_bodies_that_act_with_the_account_are_not_sent(serve: Serve, name: str, api: str) -> None:
    """Refused with the reason and the flag; with the flag exactly one request goes out."""
    server = serve(lambda _: as_json(CHAT))
    flag, keys = HOSTED[name]
    event = recorded({**ASKED, **keys}, api=api)
    refused = send(server, event)
    assert isinstance(refused, NotReplayed)
    assert f"--llm-allow {flag}" in str(refused)
    assert str(refused) == not_replayed(event, account=True)
    assert server.seen == []
    assert isinstance(send(server, event, allow=(flag,)), Reply)
    assert len(server.seen) == 1


def test_every_name_has_to_be_allowed(serve: Serve) -> None:
    """Allowing one of two is not enough, and the message names the other."""
    body: dict[str, Json] = {**ASKED, "background": True, "tools": [{"type": "mcp"}]}
    assert account_actions(body) == ("background", "mcp")
    refused = send(serve(lambda _: as_json(CHAT)), recorded(body), allow=("mcp",))
    assert str(refused).startswith("background: acts with the account of the target (")


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"file_id": 1}}}]},
        {"tools": [{"name": "f", "input_schema": {"properties": {"file_id": {}}}}]},
        {"tools": [{"type": "custom", "name": "f"}, {"type": "bash_20250124", "name": "bash"}]},
        {"tools": [{"functionDeclarations": []}]},
        {"tools": [{"function_declarations": []}, {}]},
        {"contents": [{"parts": [{"fileData": {"fileUri": "https://youtu.be/lCdaVNyHtjU"}}]}]},
        {"contents": [{"parts": [{"functionCall": {"name": "f", "args": {"file_id": "x"}}}]}]},
        {"contents": [{"functionResponse": {"name": "f", "response": {"file_id": "x"}}}]},
        {"messages": [{"content": [{"type": "tool_use", "input": {"file_id": "x"}}]}]},
        {"messages": [{"content": "file_id"}]},
        {"messages": [{"content": [{"type": []}]}]},
        {"contents": [{"parts": [{"functionCall": {"name": "f", "args": {"id": "x"}}}]}]},
        {"input": [{"type": "video", "uri": "https://youtu.be/lCdaVNyHtjU"}]},
        {"input": [{"type": "function_result", "result": {"uri": "gs://bucket/object"}}]},
        {"response_format": {"type": "text"}},
        {"store": True, "metadata": {"container": "x"}},
        {"thread": {"type": "create"}},
        {"background": False, "previous_response_id": None, "container": None, "tools": []},
        {"tools": None},
        {"prompt": "a text, as Ollama takes it"},
        {},
    ],
)
def test_what_the_application_does_itself_is_sent(body: dict[str, Any]) -> None:
    """Functions of the application, its data and empty settings are no reason to refuse."""
    assert account_actions(body) == ()


def test_hosted_tools_of_one_object_are_allowed_one_by_one() -> None:
    """A tool of Google's is not let in behind another one that stands in the same object."""
    body: dict[str, Any] = {"tools": [{"codeExecution": {}, "google_search": {}}]}
    assert ("code_execution", "google_search") == account_actions(body)
    assert refusal(body, ["google_search"]) == refusal(body, ["web_search"])


def test_what_converse_keeps_in_an_account_is_not_sent() -> None:
    """Tools that Bedrock runs and documents in S3; tools of the application are let through."""
    spec: Json = {"toolSpec": {"name": "f", "inputSchema": {"json": {"s3Location": {}}}}}
    location: Json = {"s3Location": {"uri": "s3://bucket/a.pdf"}}
    document: Json = {"document": {"format": "pdf", "name": "a", "source": location}}
    body: dict[str, Json] = {
        "messages": [{"role": "user", "content": [document]}],
        "toolConfig": {"tools": [spec, {"systemTool": {"name": "nova_code_interpreter"}}]},
    }
    assert ("system_tool", "file_id") == account_actions(body)
    assert () == account_actions({"toolConfig": {"tools": [spec, {"cachePoint": {}}]}})


def test_tools_of_cohere_s_first_chat_are_the_application_s() -> None:
    """They have no type; a conversation that Cohere keeps is not sent."""
    query: Json = {"query": {"type": "str"}}
    find: Json = {"name": "find", "description": "Finds.", "parameter_definitions": query}
    assert () == account_actions({"tools": [find, {"name": "now"}]})
    assert ("conversation",) == account_actions({"message": "x", "conversation_id": "c1"})


def test_a_body_too_deep_to_be_understood_is_not_sent() -> None:
    """Nesting that no conversation has is refused instead of searched for ever."""
    deep: Json = "x"
    for _ in range(5000):
        deep = [deep]
    assert account_actions({"messages": deep}) == ("deep_nesting",)


def test_an_override_can_take_the_reason_away(serve: Serve) -> None:
    """What is refused is the body as it would be sent."""
    server = serve(lambda _: as_json(CHAT))
    event = recorded({**ASKED, "background": True})
    assert isinstance(send(server, event, parse_overrides(["background=null"])), Reply)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (recorded(api="other"), "DELETE: no model is asked"),
        (recorded({"model": "m", "input": "x"}, api="embeddings"), "embeddings"),
        (recorded(status=429), "recorded error"),
        (recorded(status=307), "recorded error"),
        (recorded([1]), "the recorded request has no JSON body"),
    ],
)
def test_what_is_not_replayed_says_why(event: Event, reason: str) -> None:
    """Neither passed nor failed: one reason each."""
    assert reason == not_replayed(event, account=True)
    with pytest.raises(NotReplayed) as error:
        prepare(event, Target(name="t", kind="same"), Overrides(), Endpoints({}))
    assert reason == str(error.value)


KEPT = "files, batches and kept answers are those of the recorded account"


def test_a_token_count_says_what_it_is() -> None:
    """It is a call of the provider that no model answers."""
    counted = recorded(api="other")
    sent = replace(
        counted.exchange.request, url="https://api.anthropic.com/v1/messages/count_tokens?beta=true"
    )
    event = replace(counted, exchange=replace(counted.exchange, request=sent))
    assert "token count: no model answers it" == not_replayed(event, account=True)


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "/v1/responses/resp_1", "GET: no model is asked"),
        ("delete", "/v1/files/file-1", "DELETE: no model is asked"),
        ("POST", "/v1/files", KEPT),
        ("POST", "/v1/batches/batch_1/cancel", KEPT),
        ("POST", "/v1/messages/batches", KEPT),
        ("POST", "/v1/responses/resp_1/cancel", KEPT),
        ("POST", "/v1/audio/speech", "api 'other' cannot be sent again"),
    ],
)
def test_what_asks_no_model_says_so(method: str, path: str, reason: str) -> None:
    """Polling, files and batches belong to the account that was recorded."""
    other = recorded(api="other")
    sent = replace(other.exchange.request, method=method, url=f"https://api.openai.com{path}")
    event = replace(other, exchange=replace(other.exchange, request=sent))
    assert reason == not_replayed(event, account=True)


def test_a_legacy_completion_is_sent_again(serve: Serve) -> None:
    """To its own path, with the recorded prompt and another model."""
    server = serve(lambda _: as_json({"choices": [{"text": " time", "finish_reason": "stop"}]}))
    asked: Json = {"prompt": "Once upon a", "model": "davinci-002"}
    event = recorded(asked, api="completions")
    reply = send(server, event, target=at(server, model="tiny"))
    assert isinstance(reply, Reply), reply
    assert "/v1/completions" == server.seen[0].path
    assert {"prompt": "Once upon a", "model": "tiny"} == server.seen[0].json
    assert " time" == replayed_event(event, reply, target="there").response.text


def test_embeddings_are_sent_where_that_is_wanted(serve: Serve) -> None:
    """OpenAI's shape goes to OpenAI's path; no other has a path to go to."""
    server = serve(lambda _: as_json({"data": [{"embedding": [0.5]}]}))
    event = recorded({"model": "e", "input": "x"}, api="embeddings")
    assert isinstance(send(server, event, allow=[EMBEDDINGS]), Reply)
    assert "/v1/embeddings" == server.seen[0].path
    assert not_replayed(event, account=True, allow=[EMBEDDINGS]) is None
    texts = recorded({"model": "e", "texts": ["x"]}, api="embeddings")
    reason = "embeddings in another shape than OpenAI's cannot be sent again"
    assert reason == not_replayed(texts, account=True, allow=[EMBEDDINGS])


def test_a_recorded_failure_is_a_recorded_error() -> None:
    """A call that never got an answer is not sent either, unless errors are asked for."""
    event = recorded()
    exchange = Exchange(request=event.exchange.request, response=Failure(kind="connect"))
    failed = replace(event, exchange=exchange)
    assert (not_replayed(failed, account=True) or "").startswith("recorded error")
    assert None is not_replayed(failed, account=True, allow=[RECORDED_ERRORS])


@pytest.mark.parametrize(
    "change",
    [
        {"ended": "cut"},
        {"ended": "timeout"},
        {"body": TextBody(text="<html>Log in</html>")},
        {"body": JsonBody(value={"error": {"message": "no credit", "code": 402}})},
        {"body": JsonBody(value=CHAT | {"choices": [{"error": {"message": "upstream failed"}}]})},
    ],
)
def test_half_an_answer_is_a_recorded_error(change: dict[str, Any]) -> None:
    """A cut connection, a page where JSON should be, an error under HTTP 200: nothing equals it."""
    event = recorded()
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    exchange = replace(event.exchange, response=replace(response, **change))
    assert "recorded error" == not_replayed(replace(event, exchange=exchange), account=True)


@pytest.mark.parametrize(("api", "said"), [("chat_completions", CHAT), ("messages", MESSAGE)])
def test_an_answer_becomes_an_event(serve: Serve, api: str, said: Any) -> None:
    """Who asked stays; what was asked, answered and measured is new."""
    server = serve(lambda _: as_json(said, x_request_id="req_1", x_other="y"))
    event = replayed(server, recorded(api=api))
    assert (
        event.number,
        event.name,
        event.session and event.session.id,
        event.labels,
        event.checks,
    ) == (2, "greeting", "s", {"a": "b"}, ("text",))
    assert event.response.text == "Good morning."
    assert (event.measured.input_tokens, event.measured.output_tokens) == (12, 3)
    assert said["model"] == event.measured.model
    assert event.measured.request_id == "req_1"
    assert (event.measured.duration or 0) > 0
    assert event.exchange.request.url.startswith(server.url)
    assert "authorization" not in event.exchange.request.headers
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert {"content-type", "x-request-id"} == set(response.headers)


def chat_stream(*, done: bool = True, finish: bool = True) -> list[bytes]:
    """A chat stream, event by event."""

    def chunk(delta: Json, reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        value = {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
        return f"data: {json.dumps(value)}\n\n".encode()

    chunks = [chunk({"role": "assistant", "content": "Good "}), chunk({"content": "morning."})]
    chunks += [chunk({}, "stop")] * finish
    return chunks + [b"data: [DONE]\n\n"] * done


def test_a_stream_becomes_an_event_with_a_time_per_event(serve: Serve) -> None:
    """However the network cuts it, chunks are whole server-sent events."""
    data = b"".join(chat_stream())
    pieces = [data[:100], data[100:200], data[200:]]
    head = {"content-type": "text/event-stream; charset=utf-8"}
    server = serve(lambda _: Answer(body=pieces, between=0.05, headers=head))
    event = replayed(server, recorded({**ASKED, "stream": True}))
    response = event.exchange.response
    assert isinstance(response, HttpResponse)
    assert isinstance(response.body, StreamBody)
    assert chat_stream() == [chunk.data for chunk in response.body.chunks]
    assert response.body.chunks[0].at < response.body.chunks[-1].at
    assert event.response.text == "Good morning."


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        (
            as_json({"error": {"message": "No such model.", "type": "x"}}, 404),
            "status",
            "HTTP 404: No such model.",
        ),
        (
            as_json({"type": "error", "error": {"type": "x", "message": "Too long."}}, 400),
            "status",
            "HTTP 400: Too long.",
        ),
        (
            as_json({"error": {"message": "Slow."}}, 429, x_should_retry="false"),
            "throttled",
            "Slow",
        ),
        (Answer(status=502, body=b"<html><title>Bad  Gateway</title>"), "status", "Bad Gateway"),
        (Answer(status=500), "status", "HTTP 500"),
        (Answer(status=503, body=b"upstream\nis gone"), "status", "HTTP 503: upstream is gone"),
        (Answer(), "answer", "answered 200 with an empty body"),
        (Answer(body=b"  \n"), "answer", "answered 200 with an empty body"),
        (Answer(status=204), "answer", "answered 204 with an empty body"),
        (
            Answer(body=b"<!doctype html><html><title>Log in</title>"),
            "answer",
            "answered an HTML page, not JSON: 'Log in'",
        ),
        (Answer(body=b"<xml/>"), "answer", "answered markup, not JSON: '<xml/>'"),
        (
            Answer(body=b'{"id": "x", "choices": [}'),
            "answer",
            "answered broken JSON: Expecting value at character 25",
        ),
        (Answer(body=b'{"a": NaN}'), "answer", "NaN is no JSON number"),
        (Answer(body=b"\xff\xfe"), "answer", "answered broken JSON"),
        (Answer(body=b"[" * 100_000), "answer", "answered broken JSON"),
        (Answer(body=b"[1]"), "answer", "answered JSON that is no object: [1]"),
        (
            as_json({"error": {"message": "Credits."}}),
            "status",
            "answered 200 with an error: Credits.",
        ),
    ],
)
def test_what_is_no_answer_is_one_clear_error(
    serve: Serve, answer: Answer, kind: str, problem: str
) -> None:
    """Target, host, status and the provider's own words, in one line."""
    server = serve(lambda _: answer)
    with pytest.raises(CallFailed) as error:
        replayed(server, recorded())
    assert kind == error.value.kind
    assert str(error.value).startswith(f"there at 127.0.0.1:{server.port}: ")
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    assert answer.status == error.value.status


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        (
            chat_stream(done=False, finish=False),
            "the stream stopped before its end, after 2 events",
        ),
        (
            [b'data: {"error": {"message": "Overloaded."}}\n\n'],
            "an error amid the stream: Overloaded.",
        ),
    ],
)
def test_a_stream_that_is_no_whole_answer_is_an_error(
    serve: Serve, pieces: list[bytes], problem: str
) -> None:
    """A torn stream and an error in its middle do not pass for an answer."""
    head = {"content-type": "text/event-stream"}
    server = serve(lambda _: Answer(body=pieces, headers=head))
    with pytest.raises(CallFailed, match=problem):
        replayed(server, recorded({**ASKED, "stream": True}))


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"choices": [{"message": {"content": "Yes."}}]}',
        b'{"choices": [{"message": {"content": "Yes."}, "logprobs": NaN}]}',
    ],
    ids=["byte order mark", "NaN"],
)
def test_what_sdks_read_as_json_is_an_answer(serve: Serve, body: bytes) -> None:
    """As it is in a recording: Python servers and their clients know more than the standard."""
    server = serve(lambda _: Answer(body=body, headers={"content-type": "application/json"}))
    assert "Yes." == replayed(server, recorded()).response.text


def test_a_recorded_error_may_be_compared_with_an_error(serve: Serve) -> None:
    """Where errors are replayed, a refusal of the provider is an answer."""
    server = serve(lambda _: as_json({"error": {"message": "No."}}, 400))
    event = replayed(server, recorded(status=400), errors=True)
    assert event.response.error is not None
    assert event.response.error.message == "No."
    page = serve(lambda _: Answer(status=502, body=b"<html>"))
    with pytest.raises(CallFailed, match="HTTP 502"):
        replayed(page, recorded(status=400), errors=True)


@given(
    data=st.binary(max_size=300), kind=st.sampled_from(["application/json", "text/event-stream"])
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_an_event_or_one_clear_error(data: bytes, kind: str) -> None:
    """No answer of a server ends in a traceback of ours."""
    sent = Outgoing(
        endpoint=Endpoint(provider="openai", base_url="http://127.0.0.1:9/v1"),
        api="chat_completions",
        path="/chat/completions",
        headers={},
        body={},
        content=b"{}",
        stream=False,
        model="m",
    )
    reply = Reply(
        status=200,
        headers={"content-type": kind},
        chunks=(Chunk(at=0.1, data=data),),
        at="2026-11-20T17:00:00.412Z",
        duration=0.1,
        time_to_first_chunk=0.1,
        outgoing=sent,
    )
    try:
        made = replayed_event(recorded(), reply, target="t")
    except CallFailed as error:
        problem = str(error)
    else:
        problem = ""
        assert not isinstance(made.exchange.response.body, TextBody)
    assert "\n" not in problem


def test_a_simulated_server_is_told_which_event(serve: Serve) -> None:
    """The reference goes to simulated targets, and to no others."""
    server = serve(lambda _: as_json(CHAT))
    endpoints = Endpoints({})
    endpoints.serve_simulated("simulated/steady", {"chat_completions": f"{server.url}/v1"})
    simulated = resolve("simulated/steady", TargetSettings())
    for target in (simulated, at(server)):
        sent = prepare(recorded(), target, Overrides(), endpoints, reference="ref-1")
        job = Job(target="t", prepare=lambda sent=sent: sent)  # type: ignore[misc]  # mypy sees no type in the default
        with Engine(timeout=5) as engine:
            engine.start([job])
            assert isinstance(engine.result(job), Reply)
    assert [seen.headers.get("x-llmreplay-event") for seen in server.seen] == ["ref-1", None]
