"""Answers of real providers, decoded and written again; skips where there are no recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml
from real_calls import RECORDINGS, needs_recordings

from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse, Json, JsonBody
from pytest_llmreplay.providers.completions import COMPLETIONS
from pytest_llmreplay.providers.embeddings import EMBEDDINGS


def answers(word: str) -> Iterator[tuple[str, int, Json]]:
    """Address, status and body of each call whose address or request has this word."""
    for path in sorted(RECORDINGS.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if word not in text:
            continue
        for interaction in yaml.load(text, Loader=yaml.CSafeLoader)["interactions"]:
            uri: str = interaction["request"]["uri"]
            answer: dict[str, Any] = interaction["response"]
            if word in uri.partition("?")[0] and "parsed_body" in answer:
                yield uri, answer["status"]["code"], answer["parsed_body"]


@needs_recordings
def test_recorded_vectors_come_back_as_they_were() -> None:
    """OpenAI's, Cohere's and Bedrock's answers, errors among them."""
    found = 0
    for uri, status, body in answers("embed"):
        exchange = Exchange(
            request=HttpRequest(method="POST", url=uri),
            response=HttpResponse(status=status, body=JsonBody(value=body)),
        )
        response = EMBEDDINGS.response(exchange)
        assert json.dumps(body, sort_keys=True) == json.dumps(
            EMBEDDINGS.encode_response(response), sort_keys=True
        )
        assert (response.embedding is None) == (status != 200)
        found += 1
    assert found > 0
    assert [] == [uri for uri, _, _ in answers("/v1/completions") if COMPLETIONS.model(uri, None)]
