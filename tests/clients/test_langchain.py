"""LangChain's models of OpenAI and Anthropic: one call is one event, and plays back."""

from __future__ import annotations

import os
from typing import Any

import pytest
from clients.client_project import NO_KEY, TEXT, Call, ClientProject, refused
from servers.provider_server import echo

ECHO = f"Echo: {TEXT}"
KEY = "sk-test-0123456789abcdef0123"


def gpt() -> Any:
    """A chat model of OpenAI's."""
    from langchain_openai import ChatOpenAI  # noqa: PLC0415  # may be missing

    return ChatOpenAI(
        model="gpt-5-mini", base_url=os.environ["CHAT_URL"], api_key=KEY, max_retries=0
    )


def claude() -> Any:
    """A chat model of Anthropic's."""
    from langchain_anthropic import ChatAnthropic  # noqa: PLC0415  # may be missing

    return ChatAnthropic(
        model="claude-sonnet-4-6", base_url=os.environ["MESSAGES_URL"], api_key=KEY, max_retries=0
    )


def streamed(model: Any) -> str:
    """The words of a stream."""
    return "".join(piece.text for piece in model.stream(TEXT))


async def awaited(model: Any) -> list[str]:
    """The words of an answer and of a stream, in one event loop, to which the client is bound."""
    answer = await model.ainvoke(TEXT)
    return [answer.content, "".join([piece.text async for piece in model.astream(TEXT)])]


def calls_of(model: Any) -> dict[str, Call]:
    """Every way of calling a chat model."""
    return {
        "plain": Call(make=lambda: model().invoke(TEXT).content, says=ECHO),
        "stream": Call(make=lambda: streamed(model()), says=ECHO),
        "401": Call(
            make=lambda: refused(lambda: model().invoke(TEXT))[1], says=401, answers=(NO_KEY,)
        ),
        "async": Call(make=lambda: awaited(model()), says=[ECHO, ECHO], answers=(echo, echo)),
    }


GPT_CALLS, CLAUDE_CALLS = calls_of(gpt), calls_of(claude)


def test_langchain_openai(client_project: ClientProject) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    pytest.importorskip("langchain_openai")
    client_project.prove(__name__, "GPT_CALLS", GPT_CALLS, client="langchain-openai")


def test_langchain_anthropic(client_project: ClientProject) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    pytest.importorskip("langchain_anthropic")
    client_project.prove(__name__, "CLAUDE_CALLS", CLAUDE_CALLS, client="langchain-anthropic")
