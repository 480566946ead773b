"""Whose call a request is."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import Exchange, Failure, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.event import TextBody as Text
from pytest_llmreplay.providers.registry import FORMATS, decoder_of, format_of, identify

CHAT: Json = {"model": "m", "messages": []}
CLAUDE: Json = {"anthropic_version": "bedrock-2023-05-31", "messages": []}


@pytest.mark.parametrize(
    ("url", "body", "expected"),
    [
        ("https://api.openai.com/v1/chat/completions", CHAT, ("chat_completions", "openai", "m")),
        ("https://api.anthropic.com/v1/messages?beta=true", CHAT, ("messages", "anthropic", "m")),
        (
            "https://r.openai.azure.com/openai/deployments/my-dep/chat/completions?api-version=1",
            {"messages": []},
            ("chat_completions", "azure", "my-dep"),
        ),
        (
            "https://bedrock-runtime.eu-1.amazonaws.com/model/eu.anthropic.c-v1%3A0/invoke",
            CLAUDE,
            ("messages", "bedrock", "eu.anthropic.c-v1:0"),
        ),
        (
            "https://aiplatform.googleapis.com/v1/projects/p/publishers/anthropic/models/c@1:rawPredict",
            CLAUDE,
            ("messages", "vertex", "c@1"),
        ),
        (
            "https://bedrock-runtime.eu-1.amazonaws.com/model/m/invoke-with-response-stream",
            CLAUDE,
            ("messages", "bedrock", "m"),
        ),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            CHAT,
            ("chat_completions", "gemini", "m"),
        ),
        (
            "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent",
            {"contents": []},
            ("generate_content", "gemini", "g"),
        ),
        ("https://api.writer.com/v1/chat", CHAT, ("chat_completions", "writer", "m")),
        ("https://api.openai.com/v1/chat/completions", None, ("other", "openai", None)),
        ("https://api.openai.com/v1/chat/completions", {"model": "m"}, ("other", "openai", "m")),
        (
            "https://api.openai.com/v1/responses",
            {"model": "m", "input": "x"},
            ("responses", "openai", "m"),
        ),
        ("https://api.anthropic.com/v1/messages/count_tokens", CHAT, ("other", "anthropic", "m")),
        ("http://127.0.0.1:8080/v1/chat/completions", CHAT, ("chat_completions", "local", "m")),
        ("http://localhost:11434/v1/messages", CHAT, ("messages", "ollama", "m")),
        ("https://llm.corp.example/v1/messages", CHAT, ("messages", "gateway", "m")),
        (
            "https://gw.example/groq/openai/v1/chat/completions",
            CHAT,
            ("chat_completions", "groq", "m"),
        ),
        (
            "https://gw.example/google-vertex/v1/chat/completions",
            CHAT,
            ("chat_completions", "vertex", "m"),
        ),
        (
            "https://gateway.ai.cloudflare.com/v1/acc/gw/anthropic/v1/messages",
            CHAT,
            ("messages", "anthropic", "m"),
        ),
        ("https://oai.helicone.ai/v1/chat/completions", CHAT, ("chat_completions", "openai", "m")),
        (
            "https://ai-gateway.vercel.sh/v1/chat/completions",
            CHAT,
            ("chat_completions", "vercel", "m"),
        ),
    ],
)
def test_path_host_and_body_name_a_call(
    url: str, body: Json, expected: tuple[str, str, str | None]
) -> None:
    """The path decides the format, the host the provider, and the body confirms."""
    found = identify("POST", url, {}, body)
    assert expected == (found.api, found.provider, found.model)


def test_a_short_path_needs_the_version_header() -> None:
    """`/messages` alone is anybody's path."""
    url = "https://llm.corp.example/anthropic/messages"
    assert "other" == identify("POST", url, {}, CHAT).api
    assert "messages" == identify("POST", url, {"anthropic-version": "2023-06-01"}, CHAT).api


def test_only_a_post_asks_a_model() -> None:
    """Reading a stored completion is a call of the host, but no generation."""
    url = "https://api.openai.com/v1/chat/completions"
    assert "other" == identify("GET", url, {}, CHAT).api
    assert "chat_completions" == identify("post", url, {}, CHAT).api


def test_every_name_has_a_decoder() -> None:
    """An event of a later version is kept, not refused."""
    assert FORMATS["messages"] is format_of("messages")
    assert format_of("other") is None
    assert decoder_of("telepathy") is decoder_of("other")


def test_other_calls_are_kept_without_being_read() -> None:
    """Files, token counts and text answers are no errors."""
    request = HttpRequest(
        method="POST", url="https://x.example/v1/n", body=JsonBody(value={"model": "m", "k": 1})
    )
    counted = Exchange(
        request=request, response=HttpResponse(status=200, body=JsonBody(value={"input_tokens": 3}))
    )
    other = decoder_of("other")
    assert ("m", {"model": "m", "k": 1}) == (
        other.request(counted).model,
        other.request(counted).extra,
    )
    assert {"input_tokens": 3} == other.response(counted).extra
    text = Exchange(request=request, response=HttpResponse(status=200, body=Text(text="v=0")))
    assert other.response(text).error is None
    cut = Exchange(request=request, response=HttpResponse(status=200, ended="cut"))
    assert other.response(cut).truncated


def test_other_calls_fail_as_all_calls_do() -> None:
    """A status from 400 on, an error body and a call without an answer are errors."""
    request = HttpRequest(method="GET", url="https://x.example/v1/n")
    other = decoder_of("other")
    refused = Exchange(request=request, response=HttpResponse(status=404, body=Text(text="gone")))
    found = other.response(refused).error
    assert found is not None
    assert (404, "gone") == (found.status, found.message)
    broken = other.response(Exchange(request=request, response=Failure(kind="connect"))).error
    assert broken is not None
    assert (None, "connect") == (broken.status, broken.type)
