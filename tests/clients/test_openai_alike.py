"""Clients of providers that speak OpenAI's format: Mistral's and Hugging Face's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from clients.client_project import (
    BUSY,
    CALL,
    NO_KEY,
    PIECES,
    TEXT,
    WANTED,
    Call,
    ClientProject,
    arefused,
    refused,
)

MESSAGES: Any = [{"role": "user", "content": TEXT}]
SEARCH = {"name": "search", "parameters": {"type": "object", "properties": {}}}
TOOLS: Any = [{"type": "function", "function": SEARCH}]
ECHO = "".join(PIECES)
KEY = "test-0123456789abcdef"

Make = Callable[[], Any]
"""Makes a client."""


def mistral() -> Any:
    """Mistral's client of the loopback server."""
    from mistralai.client import Mistral  # noqa: PLC0415  # one of two, each may be missing

    return Mistral(api_key=KEY, server_url=os.environ["MESSAGES_URL"])


def hugging_face(kind: str = "InferenceClient") -> Any:
    """Hugging Face's client of the loopback server."""
    import huggingface_hub  # noqa: PLC0415  # one of two

    return getattr(huggingface_hub, kind)(base_url=os.environ["CHAT_URL"], api_key=KEY)


def words(answer: Any) -> Any:
    """What a completion says."""
    return answer.choices[0].message.content


def pieces(chunk: Any) -> list[str]:
    """What a piece of a stream says; Mistral's client wraps it."""
    chunk = getattr(chunk, "data", chunk)
    return [choice.delta.content for choice in chunk.choices if choice.delta.content]


def tool_call(answer: Any) -> Any:
    """The tool call of a completion."""
    (call,) = answer.choices[0].message.tool_calls
    arguments = call.function.arguments
    return [call.function.name, json.loads(arguments) if isinstance(arguments, str) else arguments]


def chat(client: Any, name: str, **options: Any) -> Any:
    """Call a method of a client."""
    owner = client.chat.completions if hasattr(client.chat, "completions") else client.chat
    return getattr(owner, name)(model="imitated-1", messages=MESSAGES, **options)


def ask(make: Make, name: str, **options: Any) -> Any:
    """An ordinary answer."""
    with make() as client:
        return chat(client, name, **options)


def stream(make: Make, name: str, **options: Any) -> Any:
    """The pieces of a stream."""
    with make() as client:
        return [piece for chunk in chat(client, name, **options) for piece in pieces(chunk)]


async def aplain(make: Make, name: str) -> Any:
    """What an ordinary answer says, asynchronously."""
    async with make() as client:
        return words(await chat(client, name))


async def astream(make: Make, name: str, **options: Any) -> Any:
    """The pieces of a stream, asynchronously."""
    async with make() as client:
        chunks = await chat(client, name, **options)
        return [piece async for chunk in chunks for piece in pieces(chunk)]


async def status(asked: Any) -> Any:
    """The status of an error, asynchronously."""
    return (await arefused(asked))[1]


def calls_of(one: Make, other: Make, names: tuple[str, str, str, str]) -> dict[str, Call]:
    """Every way of calling a client, by the names of its four methods."""
    plain, streamed, after, streamed_after = names
    more = {"stream": True} if plain == streamed else {}
    return {
        "plain": Call(make=lambda: words(ask(one, plain)), says=ECHO),
        "stream": Call(make=lambda: stream(one, streamed, **more), says=PIECES),
        "tool": Call(
            make=lambda: tool_call(ask(one, plain, tools=TOOLS)), says=WANTED, answers=(CALL,)
        ),
        "401": Call(make=lambda: refused(lambda: ask(one, plain))[1], says=401, answers=(NO_KEY,)),
        "async": Call(make=lambda: aplain(other, after), says=ECHO),
        "async-stream": Call(make=lambda: astream(other, streamed_after, **more), says=PIECES),
        "async-429": Call(make=lambda: status(aplain(other, after)), says=429, answers=(BUSY,)),
    }


CREATE = ("create",) * 4
MISTRAL_CALLS = calls_of(mistral, mistral, ("complete", "stream", "complete_async", "stream_async"))
HUGGING_FACE_CALLS = calls_of(hugging_face, lambda: hugging_face("AsyncInferenceClient"), CREATE)


def test_mistralai(client_project: ClientProject) -> None:
    """Mistral's client: recorded and played answers are equal, each call is one event."""
    pytest.importorskip("mistralai")
    client_project.prove(__name__, "MISTRAL_CALLS", MISTRAL_CALLS, client="mistralai")


def test_huggingface_hub(client_project: ClientProject) -> None:
    """Hugging Face's client: recorded and played answers are equal, each call is one event."""
    pytest.importorskip("huggingface_hub")
    client_project.prove(
        __name__, "HUGGING_FACE_CALLS", HUGGING_FACE_CALLS, client="huggingface_hub"
    )
