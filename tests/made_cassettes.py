"""Cassettes as a recording would have written them, made without one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["cassette", "event"]


def cassette(*events: str, test: str = "tests/test_app.py::test_it", **header: object) -> str:
    """A cassette; `cassette(event(1), checks=["text"])`."""
    lines = [f"cassette: 1\ntest: {test}\n"]
    lines += [f"{key}: {json.dumps(value)}\n" for key, value in header.items()]
    return "".join([*lines, *events])


def event(
    number: int = 1,
    *,
    name: str | None = None,
    asks: str = "Say hello",
    says: str = "Hello.",
    model: str = "gpt-5-mini",
    api: str = "chat_completions",
    provider: str = "openai",
    status: int = 200,
    body: Mapping[str, Any] | None = None,
    checks: Sequence[str] | None = None,
    session: Mapping[str, str] | None = None,
) -> str:
    """The document of a chat completion, which asks `asks` and is answered `says`.

    Args:
        number: Of the event.
        name: Its prompt's name.
        asks: The user's words.
        says: The model's words.
        model: Asked for and answering.
        api: Format, as the document says it.
        provider: As the document says it.
        status: Of the answer; from 400 on it is an error.
        body: More keys of the request.
        checks: The event's own checks.
        session: Where it differs from the header's.
    """
    request = {"model": model, "messages": [{"role": "user", "content": asks}], **(body or {})}
    head: list[tuple[str, object]] = [
        ("name", name),
        ("session", session),
        ("provider", provider),
        ("api", api),
    ]
    head += [("model", model), ("checks", checks)]
    told = "".join(f"{key}: {json.dumps(value)}\n" for key, value in head if value is not None)
    answer = _answer(model, says) if status < 400 else {"error": {"message": says}}
    return (
        f"--- # key r1:{number:016x}\nevent: {number}\n{told}"
        "request:\n  method: POST\n  url: https://api.openai.com/v1/chat/completions\n"
        f"  headers: {{content-type: application/json}}\n  body: {json.dumps(request)}\n"
        f"response:\n  status: {status}\n  headers: {{content-type: application/json}}\n"
        f"  body: {json.dumps(answer)}\n"
        "measured: {at: '2026-11-20T17:00:00.000Z', input_tokens: 9, output_tokens: 3, "
        "duration: 1.5}\n...\n"
    )


def _answer(model: str, says: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": says}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1795200000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
    }
