"""Frameworks of agents and pipelines that bring their own models: one call is one event.

They are imported by the test, as what a run of pytester imports is forgotten after it, and these
libraries cannot be imported twice.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from clients.client_project import TEXT, Call, ClientProject

ECHO = f"Echo: {TEXT}"
KEY = "sk-test-0123456789abcdef0123"
MODEL = "gpt-4.1-mini"

# No word to anybody of what is used.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"


# haystack-ai


def haystack(kind: str, **options: Any) -> Any:
    """A generator of Haystack's."""
    from haystack.components.generators import chat  # noqa: PLC0415  # may be missing
    from haystack.utils import Secret  # noqa: PLC0415  # may be missing

    key, url = Secret.from_token(KEY), os.environ["CHAT_URL"]
    return getattr(chat, kind)(model=MODEL, api_key=key, api_base_url=url, **options)


def haystack_asks() -> Any:
    """What is asked of it."""
    from haystack.dataclasses import ChatMessage  # noqa: PLC0415  # may be missing

    return [ChatMessage.from_user(TEXT)]


def haystack_plain(kind: str) -> Any:
    """An ordinary answer."""
    return haystack(kind).run(haystack_asks())["replies"][0].text


def haystack_streamed(kind: str) -> Any:
    """The words of a stream."""
    pieces: list[Any] = []
    haystack(kind, streaming_callback=pieces.append).run(haystack_asks())
    return "".join(piece.content for piece in pieces)


async def haystack_async(kind: str) -> Any:
    """An ordinary answer, asynchronously."""
    return (await haystack(kind).run_async(haystack_asks()))["replies"][0].text


CHAT, RESPONSES = "OpenAIChatGenerator", "OpenAIResponsesChatGenerator"
HAYSTACK = {
    "plain": Call(make=lambda: haystack_plain(CHAT), says=ECHO),
    "stream": Call(make=lambda: haystack_streamed(CHAT), says=ECHO),
    "async": Call(make=lambda: haystack_async(CHAT), says=ECHO),
    "responses": Call(make=lambda: haystack_plain(RESPONSES), says=ECHO),
    "responses-stream": Call(make=lambda: haystack_streamed(RESPONSES), says=ECHO),
}


# smolagents


def smolagents() -> Any:
    """A model of smolagents."""
    import smolagents  # noqa: PLC0415  # may be missing

    return smolagents.OpenAIModel(model_id=MODEL, api_base=os.environ["CHAT_URL"], api_key=KEY)


SMOLAGENTS_ASKS = [{"role": "user", "content": [{"type": "text", "text": TEXT}]}]


def smolagents_streamed() -> Any:
    """The words of a stream."""
    return "".join(piece.content or "" for piece in smolagents().generate_stream(SMOLAGENTS_ASKS))


SMOLAGENTS = {
    "plain": Call(make=lambda: smolagents().generate(SMOLAGENTS_ASKS).content, says=ECHO),
    "stream": Call(make=smolagents_streamed, says=ECHO),
}


# agno


def agno() -> Any:
    """An agent of Agno's."""
    from agno.agent import Agent  # noqa: PLC0415  # may be missing
    from agno.models.openai import OpenAIChat  # noqa: PLC0415  # may be missing

    model = OpenAIChat(id=MODEL, base_url=os.environ["CHAT_URL"], api_key=KEY)
    return Agent(model=model, telemetry=False)


def agno_streamed() -> Any:
    """The words of a run, event by event."""
    events = agno().run(TEXT, stream=True)
    return "".join(event.content for event in events if event.event == "RunContent")


async def agno_async() -> Any:
    """A run, asynchronously."""
    return (await agno().arun(TEXT)).content


AGNO = {
    "plain": Call(make=lambda: agno().run(TEXT).content, says=ECHO),
    "stream": Call(make=agno_streamed, says=ECHO),
    "async": Call(make=agno_async, says=ECHO),
}


# They leave their connections to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("client", "table", "modules"),
    [
        ("haystack-ai", "HAYSTACK", ["haystack.components.generators.chat"]),
        ("smolagents", "SMOLAGENTS", ["smolagents"]),
        ("agno", "AGNO", ["agno.models.openai"]),
    ],
)
def test_one_call_is_one_event(
    client_project: ClientProject, client: str, table: str, modules: list[str]
) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    client_project.prove_installed(modules, __name__, table, client=client)
