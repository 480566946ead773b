"""Cassettes as an attacker writes them: JSON where nothing else is wanted, raw text where it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["CHAT_URL", "chat_answer", "document", "ended", "header", "question"]

CHAT_URL = "https://api.openai.com/v1/chat/completions"


def header(test: str = "tests/test_app.py::test_it", **more: Any) -> str:
    """The first document."""
    return _fields({"cassette": 1, "test": test, **more})


def question(text: str = "Say hello", **more: Any) -> dict[str, Any]:
    """The body that the application of the test project sends for `chat(text)`."""
    return {"messages": [{"role": "user", "content": text}], "model": "gpt-5-mini", **more}


def chat_answer(text: str = "Hello.", **more: Any) -> dict[str, Any]:
    """A plain answer of chat completions."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **more},
        "finish_reason": "stop",
    }
    return {"id": "c1", "object": "chat.completion", "model": "gpt-5-mini", "choices": [choice]}


def document(
    number: int = 1,
    *,
    body: Any = None,
    answer: Any = None,
    url: str = CHAT_URL,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    api: str = "chat_completions",
    provider: str = "openai",
    model: str = "gpt-5-mini",
    **more: Any,
) -> str:
    """One event, in JSON."""
    request = {
        "method": method,
        "url": url,
        "headers": dict(headers or {}),
        "body": question() if body is None else body,
    }
    response = {"status": 200, "body": chat_answer() if answer is None else answer}
    fields = {"event": number, **more, "provider": provider, "api": api, "model": model}
    return ended(_fields({**fields, "request": request, "response": response}))


def ended(text: str) -> str:
    """A document between its marks."""
    return f"---\n{text.rstrip(chr(10))}\n...\n"


def _fields(fields: Mapping[str, Any]) -> str:
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in fields.items())
