"""The format `embeddings`: vectors of every provider, counted and kept as they came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from pytest_llmreplay.event import (
    Choice,
    EmbeddingInput,
    EmbeddingOutput,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    JsonBody,
    Message,
    Response,
    TextPart,
)
from pytest_llmreplay.providers.embeddings import EMBEDDINGS
from pytest_llmreplay.providers.registry import identify
from pytest_llmreplay.replay.simulated import EVENT_HEADER, FAULTS, SimulatedServer

Make = Callable[..., Exchange]

GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001"
VERTEX = (
    "https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/e:predict"
)
OPENAI = "https://api.openai.com/v1/embeddings"
BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com/model"

REQUESTS: list[tuple[str, Any, str, EmbeddingInput]] = [
    (
        OPENAI,
        {"model": "e", "input": "a", "dimensions": 8, "encoding_format": "base64"},
        "e",
        EmbeddingInput(inputs=("a",), dimensions=8, encoding="base64"),
    ),
    (OPENAI, {"model": "e", "input": ["a", "b"]}, "e", EmbeddingInput(inputs=("a", "b"))),
    (OPENAI, {"model": "e", "input": [1, 2]}, "e", EmbeddingInput(inputs=([1, 2],))),
    (OPENAI, {"model": "e", "input": [[1], [2]]}, "e", EmbeddingInput(inputs=([1], [2]))),
    (
        "https://api.voyageai.com/v1/embeddings",
        {"model": "v", "input": ["a"], "input_type": "query", "output_dtype": "int8"},
        "v",
        EmbeddingInput(inputs=("a",), encoding="int8", input_type="query"),
    ),
    (
        "https://api.cohere.com/v2/embed",
        {
            "model": "c",
            "texts": ["a"],
            "input_type": "search_query",
            "embedding_types": ["float", "int8"],
            "output_dimension": 4,
        },
        "c",
        EmbeddingInput(
            inputs=("a",), dimensions=4, encoding="float, int8", input_type="search_query"
        ),
    ),
    ("https://api.cohere.com/v1/embed", {"texts": ["a"]}, "", EmbeddingInput(inputs=("a",))),
    (
        f"{GEMINI}:embedContent",
        {
            "content": {"parts": [{"text": "a"}, {"text": "b"}]},
            "taskType": "RETRIEVAL_QUERY",
            "outputDimensionality": 5,
        },
        "gemini-embedding-001",
        EmbeddingInput(inputs=("ab",), dimensions=5, input_type="RETRIEVAL_QUERY"),
    ),
    (
        f"{GEMINI}:batchEmbedContents",
        {
            "requests": [
                {"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 3},
                {"content": {"parts": [{"inlineData": {}}]}},
            ]
        },
        "gemini-embedding-001",
        EmbeddingInput(inputs=("a", {"content": {"parts": [{"inlineData": {}}]}}), dimensions=3),
    ),
    (
        VERTEX,
        {
            "instances": [{"content": "a", "task_type": "X"}],
            "parameters": {"outputDimensionality": 6},
        },
        "e",
        EmbeddingInput(inputs=("a",), dimensions=6, input_type="X"),
    ),
    (
        "http://localhost:11434/api/embed",
        {"model": "o", "input": ["a"], "dimensions": 2},
        "o",
        EmbeddingInput(inputs=("a",), dimensions=2),
    ),
    (
        "http://localhost:11434/api/embeddings",
        {"model": "o", "prompt": "a"},
        "o",
        EmbeddingInput(inputs=("a",)),
    ),
    (
        f"{BEDROCK}/amazon.titan-embed-text-v2%3A0/invoke",
        {"inputText": "a", "dimensions": 256, "normalize": True},
        "amazon.titan-embed-text-v2:0",
        EmbeddingInput(inputs=("a",), dimensions=256),
    ),
    (
        f"{BEDROCK}/cohere.embed-v4%3A0/invoke",
        {"texts": ["a", "b"], "input_type": "search_query", "output_dimension": 512},
        "cohere.embed-v4:0",
        EmbeddingInput(inputs=("a", "b"), dimensions=512, input_type="search_query"),
    ),
    (
        f"{BEDROCK}/amazon.nova-2-multimodal-embeddings-v1%3A0/invoke",
        {
            "taskType": "SINGLE_EMBEDDING",
            "singleEmbeddingParams": {
                "embeddingPurpose": "GENERIC_RETRIEVAL",
                "embeddingDimension": 1024,
                "text": {"value": "a", "truncationMode": "NONE"},
            },
        },
        "amazon.nova-2-multimodal-embeddings-v1:0",
        EmbeddingInput(inputs=("a",), dimensions=1024, input_type="GENERIC_RETRIEVAL"),
    ),
    (
        f"{BEDROCK}/amazon.nova-2-multimodal-embeddings-v1%3A0/invoke",
        {"singleEmbeddingParams": {"image": {"format": "png"}}},
        "amazon.nova-2-multimodal-embeddings-v1:0",
        EmbeddingInput(inputs=({"image": {"format": "png"}},)),
    ),
]

BASE64 = "AACAPwAAAEA="  # 1.0, 2.0
ANSWERS: list[tuple[str, Any, EmbeddingOutput, int | None]] = [
    (
        "openai",
        {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2, 0.3]}],
            "model": "e",
            "usage": {"prompt_tokens": 4, "total_tokens": 4},
        },
        EmbeddingOutput(count=1, dimension=3),
        4,
    ),
    (
        "openai in base64",
        {"data": [{"embedding": BASE64}, {"embedding": BASE64}], "usage": {"prompt_tokens": 1}},
        EmbeddingOutput(count=2, dimension=2),
        1,
    ),
    (
        "voyage",
        {"data": [{"embedding": [1, 2]}], "usage": {"total_tokens": 9}},
        EmbeddingOutput(count=1, dimension=2),
        9,
    ),
    (
        "cohere v2",
        {
            "id": "i",
            "embeddings": {"int8": [[1, 2]], "float": [[0.1, 0.2]]},
            "texts": ["a"],
            "meta": {"billed_units": {"input_tokens": 3}},
        },
        EmbeddingOutput(count=1, dimension=2),
        3,
    ),
    (
        "cohere v1",
        {"embeddings": [[0.1], [0.2, 0.3]]},
        EmbeddingOutput(count=2, dimension=None),
        None,
    ),
    (
        "cohere in bits",
        {"embeddings": {"ubinary": [[255, 0]]}},
        EmbeddingOutput(count=1, dimension=16),
        None,
    ),
    ("cohere without any", {"embeddings": {}}, EmbeddingOutput(count=0), None),
    (
        "gemini",
        {"embedding": {"values": [0.1, 0.2]}, "usageMetadata": {"promptTokenCount": 5}},
        EmbeddingOutput(count=1, dimension=2),
        5,
    ),
    (
        "gemini, several",
        {"embeddings": [{"values": [0.1]}, {"values": [0.2]}]},
        EmbeddingOutput(count=2, dimension=1),
        None,
    ),
    (
        "vertex",
        {
            "predictions": [
                {"embeddings": {"values": [0.1, 0.2], "statistics": {"token_count": 2}}},
                {"embeddings": {"values": [0.3, 0.4], "statistics": {"token_count": 3}}},
            ]
        },
        EmbeddingOutput(count=2, dimension=2),
        5,
    ),
    (
        "ollama",
        {"model": "o", "embeddings": [[0.1, 0.2]], "prompt_eval_count": 2},
        EmbeddingOutput(count=1, dimension=2),
        2,
    ),
    (
        "titan",
        {"embedding": [0.1, 0.2], "inputTextTokenCount": 4},
        EmbeddingOutput(count=1, dimension=2),
        4,
    ),
]


@pytest.mark.parametrize(("url", "body", "model", "expected"), REQUESTS)
def test_what_is_embedded_is_read_in_every_shape(
    asked: Make, url: str, body: Any, model: str, expected: EmbeddingInput
) -> None:
    """Inputs, dimensions, encoding and purpose have one name each."""
    found = identify("POST", url, {}, body)
    assert ("embeddings", model) == (found.api, found.model or "")
    request = EMBEDDINGS.request(asked(body, url))
    assert expected == request.embedding
    assert not request.stream
    assert not EMBEDDINGS.streams(url, body)


@pytest.mark.parametrize(
    ("body", "expected", "tokens"),
    [row[1:] for row in ANSWERS],
    ids=[row[0] for row in ANSWERS],
)
def test_vectors_are_counted_and_stay_as_they_came(
    answered: Make, body: Any, expected: EmbeddingOutput, tokens: int | None
) -> None:
    """Count, dimension and tokens are read; the same body is written again."""
    response = EMBEDDINGS.response(answered(body))
    assert expected == response.embedding
    assert tokens == response.usage.input_tokens
    assert response.error is None
    assert body == EMBEDDINGS.encode_response(response)
    assert body == EMBEDDINGS.assemble(EMBEDDINGS.encode_stream(response)).body


@pytest.mark.parametrize(("told", "expected"), [("7", 7), ("x", None), ("9" * 5000, None)])
def test_bedrock_tells_what_it_read_in_a_header(told: str, expected: int | None) -> None:
    """Cohere's and Nova's bodies hold no count; a header that is none is left alone."""
    exchange = Exchange(
        request=HttpRequest(method="POST", url=f"{BEDROCK}/cohere.embed-v4%3A0/invoke"),
        response=HttpResponse(
            status=200,
            headers={"x-amzn-bedrock-input-token-count": told},
            body=JsonBody(value={"embeddings": {"float": [[0.5]]}}),
        ),
    )
    assert expected == EMBEDDINGS.response(exchange).usage.input_tokens


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("amazon.titan-text-express-v1/invoke", {"inputText": "a"}),
        ("arn%3Aaws%3Abedrock/invoke", {"inputText": "a", "textGenerationConfig": {}}),
        ("cohere.rerank-v3-5%3A0/invoke", {"query": "a", "documents": ["b"]}),
        ("cohere.embed-v4%3A0/invoke-with-response-stream", {"texts": ["a"], "input_type": "x"}),
    ],
)
def test_other_models_of_bedrock_make_no_vectors(path: str, body: Any) -> None:
    """What writes or ranks texts has bodies that look alike."""
    assert "embeddings" != identify("POST", f"{BEDROCK}/{path}", {}, body).api


def test_errors_and_other_answers_are_errors(answered: Make) -> None:
    """A refusal keeps its body, and an answer without vectors is none."""
    refused = {"error": {"message": "no such model", "code": "model_not_found"}}
    response = EMBEDDINGS.response(answered(refused, status=404))
    assert (404, "no such model") == (
        response.error and response.error.status,
        response.error and response.error.message,
    )
    assert refused == EMBEDDINGS.encode_response(response)
    assert EMBEDDINGS.response(answered({"choices": []})).error is not None


def test_an_answer_in_words_has_no_vectors() -> None:
    """A client that asked for vectors gets a list of none."""
    message = Message(role="assistant", parts=(TextPart(content="hi"),))
    response = Response(model="m", choices=(Choice(message=message, finish_reason="stop"),))
    expected = {"object": "list", "data": [], "model": "m"}
    assert expected == EMBEDDINGS.encode_response(response)


def test_other_words_for_the_same_model() -> None:
    """A target's model takes the place of the recorded one; usage is told unasked."""
    assert {"model": "n", "input": "x"} == EMBEDDINGS.with_model({"model": "m", "input": "x"}, "n")
    body: Any = {"input": "x"}
    assert body is EMBEDDINGS.asking_for_usage(body)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"rate-limited", "failing", "disconnect"}))
def test_simulated_models_embed_as_recorded(fault: str) -> None:
    """No fault of words touches a vector, read by OpenAI's SDK."""
    body: Any = {**ANSWERS[1][1], "model": "e", "object": "list"}
    event = Event(
        number=1,
        provider="openai",
        model="e",
        api="embeddings",
        exchange=Exchange(
            request=HttpRequest(method="POST", url=OPENAI, body=JsonBody(value={"input": "x"})),
            response=HttpResponse(status=200, body=JsonBody(value=body)),
        ),
        decoder=EMBEDDINGS,
    )
    with SimulatedServer(fault, recorded={"1": event}.get) as server:
        base_url = server.base_urls["embeddings"]
        with openai.OpenAI(base_url=base_url, api_key="k", max_retries=0) as client:
            answer = client.embeddings.create(
                model="e", input="x", extra_headers={EVENT_HEADER: "1"}
            )
    assert [[1.0, 2.0], [1.0, 2.0]] == [item.embedding for item in answer.data]
