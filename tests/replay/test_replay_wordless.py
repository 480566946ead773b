"""What a run of tests against another model may play, as no model's words are in it."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import Event, Exchange, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.registry import decoder_of, identify
from pytest_llmreplay.replay.unsent.wordless import asks_no_words

WORDLESS = [
    "POST /v1/embeddings",
    "POST /v2/embed",
    "POST /api/embed",
    "POST /v1beta/models/gemini-embedding-2:batchEmbedContents",
    "POST /model/amazon.titan-embed-text-v2%3A0/invoke",
    "POST /v1/messages/count_tokens",
    "POST /v1/responses/input_tokens",
    "POST /v1beta/models/gemini-2.5-flash:countTokens",
    "POST /model/anthropic.claude-sonnet-4/count-tokens",
    "POST /v2/rerank",
    "POST /v1/moderations",
    "POST /v1/images/generations",
    "POST /v1/audio/speech",
    "POST /api/show",
    "GET /v1/models",
    "GET /v1/models/gpt-5-mini",
    "GET /api/tags",
]
IN_WORDS = [
    "POST /v1/chat/completions",
    "POST /v1/responses",
    "POST /v1/responses/compact",
    "GET /v1/responses/resp_1",
    "GET /v1/chat/completions/chatcmpl-1/messages",
    "GET /v1/files/file-1/content",
    "GET /v1/messages/batches/b/results",
    "GET /v1/threads/t/messages",
    "POST /v1/audio/transcriptions",
    "POST /models/gpt2",
    "POST /model/meta.llama3/invoke-with-response-stream",
    "POST /somewhere/else",
]


def asked(call: str) -> Event:
    """A call as a client makes it, with what any format looks for in a body but a conversation."""
    method, _, path = call.partition(" ")
    keys = ("model", "input", "content", "requests", "texts", "inputText")
    body: Json = dict.fromkeys(keys, "x")
    request = HttpRequest(
        method=method, url=f"https://api.example{path}", body=JsonBody(value=body)
    )
    identity = identify(method, request.url, {}, body)
    return Event(
        number=1,
        provider=identity.provider,
        model=identity.model,
        api=identity.api,
        exchange=Exchange(request=request, response=HttpResponse(status=200)),
        decoder=decoder_of(identity.api),
    )


@pytest.mark.parametrize("call", WORDLESS)
def test_a_call_that_is_known_to_have_no_words_may_be_played(call: str) -> None:
    """Its recorded answer says nothing of the model that is judged."""
    assert asks_no_words(asked(call))


@pytest.mark.parametrize("call", IN_WORDS)
def test_a_call_that_may_be_answered_in_words_is_not(call: str) -> None:
    """Nor is one whose answer brings words that were asked for before, or nobody knows."""
    assert not asks_no_words(asked(call))
