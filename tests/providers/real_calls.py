"""Real calls, for tests that read them where a folder of recordings is named."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_llmreplay.event import Chunk, Exchange, HttpRequest, HttpResponse, JsonBody, StreamBody
from pytest_llmreplay.providers.registry import identify

__all__ = ["CONVERSATIONS", "RECORDINGS", "exchanges", "needs_recordings", "requests"]

RECORDINGS = Path(os.environ.get("LLMREPLAY_RECORDINGS") or "/nonexistent")
"""A folder of vcrpy cassettes with the JSON of bodies under `parsed_body`."""

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="LLMREPLAY_RECORDINGS names no folder"
)

CONVERSATIONS = frozenset(
    {
        *("chat_completions", "responses", "messages", "generate_content", "converse"),
        *("cohere_chat", "ollama_chat", "ollama_generate"),
    }
)


def requests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Format and body of every recorded call that is a conversation."""
    for api, body, _ in _conversations():
        yield api, body


def exchanges() -> Iterator[tuple[str, Exchange]]:
    """Format, request and answer of every recorded call that is a conversation."""
    for api, body, call in _conversations():
        told = call["response"]
        answer = HttpResponse(status=told["status"]["code"], body=_answer(told))
        url: str = call["request"]["uri"]
        request = HttpRequest(method="POST", url=url, body=JsonBody(value=body))
        yield api, Exchange(request=request, response=answer)


def _conversations() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for path in sorted(RECORDINGS.glob("*.yaml")):
        calls = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["interactions"]
        for call in calls:
            asked = call.get("request")
            body = _body(asked or {})
            if isinstance(body, dict):
                api = identify(asked["method"].upper(), asked["uri"], {}, body).api
                if api in CONVERSATIONS:
                    yield api, body, call


def _answer(told: dict[str, Any]) -> JsonBody | StreamBody:
    """The parsed body of an answer; the bytes of a stream as one chunk."""
    if "parsed_body" in told:
        return JsonBody(value=told["parsed_body"])
    text = (told.get("body") or {}).get("string") or ""
    try:
        return JsonBody(value=json.loads(text))
    except ValueError:
        data = text.encode() if isinstance(text, str) else text
        return StreamBody(chunks=(Chunk(at=0.0, data=data),))


def _body(asked: dict[str, Any]) -> Any:
    """The parsed body; text of recordings that were not parsed."""
    if "parsed_body" in asked:
        return asked["parsed_body"]
    try:
        return json.loads(asked.get("body") or "null")
    except (TypeError, ValueError):
        return None
