"""Frameworks on top of the SDKs: one call is one event, whatever is layered.

Each runs in a process of its own, as these libraries cannot be imported twice.
"""

from __future__ import annotations

import importlib.util
import textwrap

import pytest
from projects import Project

HEAD = """
import asyncio, os
import pytest

URL = os.environ["CHAT_URL"].removesuffix("/v1")
V1 = os.environ["CHAT_URL"]
KEY = "sk-test-0123456789abcdef0123"
ASK = [{"role": "user", "content": "a"}]
"""

FRAMEWORKS = {
    "langchain_openai": (
        3,
        """
        from langchain_openai import ChatOpenAI
        model = ChatOpenAI(model="gpt-5-mini", base_url=V1, api_key=KEY)
        assert "Echo: a" == model.invoke("a").content
        assert "Echo: b" == "".join(piece.content for piece in model.stream("b"))
        assert "Echo: c" == asyncio.run(model.ainvoke("c")).content
        """,
    ),
    "langchain_anthropic": (
        2,
        """
        from langchain_anthropic import ChatAnthropic
        model = ChatAnthropic(model="claude-sonnet-4-6", base_url=URL, api_key=KEY)
        assert "Echo: a" == model.invoke("a").content
        assert "Echo: c" == asyncio.run(model.ainvoke("c")).content
        """,
    ),
    "litellm": (
        4,
        """
        import litellm
        chat = {"model": "openai/gpt-5-mini", "api_base": V1, "api_key": KEY, "messages": ASK}
        assert "Echo: a" == litellm.completion(**chat).choices[0].message.content
        pieces = litellm.completion(**chat, stream=True)
        assert "Echo: a" == "".join(one.choices[0].delta.content or "" for one in pieces)
        claude = chat | {"model": "anthropic/claude-sonnet-4-6", "api_base": URL}
        assert "Echo: a" == litellm.completion(**claude).choices[0].message.content

        async def at_once():
            return (await litellm.acompletion(**chat, user="u")).choices[0].message.content

        assert "Echo: a" == asyncio.run(at_once())
        """,
    ),
    "agents": (
        2,
        """
        from agents import Agent, Runner, set_tracing_disabled
        from agents import OpenAIChatCompletionsModel, OpenAIResponsesModel
        from openai import AsyncOpenAI
        set_tracing_disabled(True)
        for kind in (OpenAIChatCompletionsModel, OpenAIResponsesModel):
            client = AsyncOpenAI(base_url=V1, api_key=KEY)
            agent = Agent(name="x", model=kind(model="gpt-5-mini", openai_client=client))
            assert "Echo: a" == Runner.run_sync(agent, "a").final_output
        """,
    ),
    "instructor": (
        1,
        """
        import instructor, openai
        client = instructor.from_openai(
            openai.OpenAI(base_url=V1, api_key=KEY), mode=instructor.Mode.JSON
        )
        answer = client.chat.completions.create(
            model="gpt-5-mini", response_model=None, messages=ASK
        )
        assert "Echo: a" == answer.choices[0].message.content
        """,
    ),
    "groq": (
        2,
        """
        import groq
        chat = {"model": "m", "messages": ASK}
        with groq.Groq(base_url=URL, api_key=KEY) as client:
            assert "Echo: a" == client.chat.completions.create(**chat).choices[0].message.content

        async def at_once():
            async with groq.AsyncGroq(base_url=URL, api_key=KEY) as client:
                return await client.chat.completions.create(**chat, seed=1)

        assert "Echo: a" == asyncio.run(at_once()).choices[0].message.content
        """,
    ),
    "llm": (
        2,
        """
        from llm.default_plugins.openai_models import Chat
        model = Chat("x", model_name="gpt-5-mini", api_base=V1)
        model.key = KEY
        assert "Echo: a" == model.prompt("a", stream=False).text()
        assert "Echo: b" == model.prompt("b").text()
        """,
    ),
    "pydantic_ai": (
        1,
        """
        from pydantic_ai import Agent
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider
        provider = OpenAIProvider(base_url=V1, api_key=KEY)
        agent = Agent(OpenAIChatModel("gpt-5-mini", provider=provider))
        assert "Echo: a" == agent.run_sync("a").output
        """,
    ),
}


@pytest.mark.parametrize("name", list(FRAMEWORKS))
def test_one_call_is_one_event(
    name: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded, played with the server unasked, and in order when replayed against itself."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # no list of prices from elsewhere
    calls, body = FRAMEWORKS[name]
    body = textwrap.indent(textwrap.dedent(body), "    ")
    counted = f"    assert {calls} == len(llm_cassette.events)\n"
    project.write("tests/test_app.py", f"{HEAD}\n\ndef test_it(llm_cassette):\n{body}{counted}")
    assert {"passed": 1} == project.run_apart("--llm-record").parseoutcomes()
    assert calls == len(project.server.seen)
    assert {"passed": 1} == project.run_apart().parseoutcomes()
    assert calls == len(project.server.seen)
    assert {"passed": calls} == project.run_apart("--llm-replay").parseoutcomes()
