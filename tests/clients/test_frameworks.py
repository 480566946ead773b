"""Frameworks on top of the SDKs, and SDKs made like them: one call is one event.

They are imported by the test, as what a run of pytester imports is forgotten after it, and these
libraries cannot be imported twice.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from clients.client_project import CALL, TEXT, WANTED, Call, ClientProject

ECHO = f"Echo: {TEXT}"
KEY = "sk-test-0123456789abcdef0123"
ASKED: Any = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": TEXT}]}


def text(chunk: Any) -> str:
    """What a piece of a stream says."""
    return "".join(choice.delta.content or "" for choice in chunk.choices)


# openai-agents


def agent(kind: str) -> Any:
    """An agent on a model of openai-agents, with a client of OpenAI's SDK."""
    import agents  # noqa: PLC0415  # may be missing
    import openai  # noqa: PLC0415  # imported by the test

    agents.set_tracing_disabled(True)
    client = openai.AsyncOpenAI(base_url=os.environ["CHAT_URL"], api_key=KEY)
    model = getattr(agents, kind)(model="gpt-5-mini", openai_client=client)
    return agents.Agent(name="x", model=model)


def agent_plain() -> Any:
    """A run of an agent."""
    import agents  # noqa: PLC0415  # may be missing

    return agents.Runner.run_sync(agent("OpenAIChatCompletionsModel"), TEXT).final_output


async def agent_async(kind: str) -> Any:
    """A run of an agent, asynchronously."""
    import agents  # noqa: PLC0415  # may be missing

    return (await agents.Runner.run(agent(kind), TEXT)).final_output


async def agent_streamed(kind: str) -> Any:
    """A run of an agent, event by event."""
    import agents  # noqa: PLC0415  # may be missing

    found = agents.Runner.run_streamed(agent(kind), TEXT)
    assert [event async for event in found.stream_events()]
    return found.final_output


AGENTS = {
    "plain": Call(make=agent_plain, says=ECHO),
    "async": Call(make=lambda: agent_async("OpenAIChatCompletionsModel"), says=ECHO),
    "async-stream": Call(make=lambda: agent_streamed("OpenAIChatCompletionsModel"), says=ECHO),
    "responses": Call(make=lambda: agent_async("OpenAIResponsesModel"), says=ECHO),
    "responses-stream": Call(make=lambda: agent_streamed("OpenAIResponsesModel"), says=ECHO),
}


# pydantic-ai


def pydantic_model(kind: str) -> Any:
    """A model of pydantic-ai, with a client of OpenAI's SDK that no other event loop has used."""
    import openai  # noqa: PLC0415  # imported by the test
    from pydantic_ai.models import openai as models  # noqa: PLC0415  # may be missing
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415  # may be missing

    client = openai.AsyncOpenAI(base_url=os.environ["CHAT_URL"], api_key=KEY)
    return getattr(models, kind)("gpt-5-mini", provider=OpenAIProvider(openai_client=client))


def pydantic_agent(kind: str) -> Any:
    """An agent of pydantic-ai."""
    from pydantic_ai import Agent  # noqa: PLC0415  # may be missing

    return Agent(pydantic_model(kind))


def pydantic_stream() -> Any:
    """The words of a stream, asked for without `await`."""
    from pydantic_ai import ModelRequest, direct  # noqa: PLC0415  # may be missing

    asked = [ModelRequest.user_text_prompt(TEXT)]
    with direct.model_request_stream_sync(pydantic_model("OpenAIChatModel"), asked) as found:
        assert list(found)
        return found.response.text


async def pydantic_async(kind: str) -> Any:
    """A run of an agent, asynchronously."""
    return (await pydantic_agent(kind).run(TEXT)).output


async def pydantic_streamed(kind: str) -> Any:
    """A run of an agent, piece by piece."""
    async with pydantic_agent(kind).run_stream(TEXT) as found:
        return [said async for said in found.stream_text(debounce_by=None)][-1]


PYDANTIC_AI = {
    "plain": Call(make=lambda: pydantic_agent("OpenAIChatModel").run_sync(TEXT).output, says=ECHO),
    "stream": Call(make=pydantic_stream, says=ECHO),
    "async": Call(make=lambda: pydantic_async("OpenAIChatModel"), says=ECHO),
    "async-stream": Call(make=lambda: pydantic_streamed("OpenAIChatModel"), says=ECHO),
    "responses": Call(make=lambda: pydantic_async("OpenAIResponsesModel"), says=ECHO),
    "responses-stream": Call(make=lambda: pydantic_streamed("OpenAIResponsesModel"), says=ECHO),
}


# instructor


def instructed(kind: str) -> Any:
    """A client of OpenAI's SDK that instructor has patched."""
    import instructor  # noqa: PLC0415  # may be missing
    import openai  # noqa: PLC0415  # imported by the test

    made = getattr(openai, kind)(base_url=os.environ["CHAT_URL"], api_key=KEY)
    return instructor.from_openai(made, mode=instructor.Mode.TOOLS)


def search() -> dict[str, Any]:
    """What is asked for, with the model that the answer is made into."""
    import pydantic  # noqa: PLC0415  # imported by the test

    return {"response_model": pydantic.create_model("search", query=(str, ...)), **ASKED}


def instructor_plain() -> Any:
    """An object."""
    return instructed("OpenAI").create(**search()).query


def instructor_streamed() -> Any:
    """An object that grows."""
    *_, found = instructed("OpenAI").create_partial(**search())
    return found.query


async def instructor_async() -> Any:
    """An object, asynchronously."""
    return (await instructed("AsyncOpenAI").create(**search())).query


async def instructor_async_streamed() -> Any:
    """An object that grows, asynchronously."""
    *_, found = [one async for one in instructed("AsyncOpenAI").create_partial(**search())]
    return found.query


TENTS = WANTED[1]["query"]
INSTRUCTOR = {
    "plain": Call(make=instructor_plain, says=TENTS, answers=(CALL,)),
    "stream": Call(make=instructor_streamed, says=TENTS, answers=(CALL,)),
    "async": Call(make=instructor_async, says=TENTS, answers=(CALL,)),
    "async-stream": Call(make=instructor_async_streamed, says=TENTS, answers=(CALL,)),
}


# groq


def groq(kind: str = "Groq") -> Any:
    """Groq's client of the loopback server."""
    import groq  # noqa: PLC0415  # may be missing

    return getattr(groq, kind)(base_url=os.environ["MESSAGES_URL"], api_key=KEY)


def groq_plain() -> Any:
    """An ordinary answer."""
    with groq() as client:
        return client.chat.completions.create(**ASKED).choices[0].message.content


def groq_streamed() -> Any:
    """The words of a stream."""
    with groq() as client:
        return "".join(map(text, client.chat.completions.create(**ASKED, stream=True)))


async def groq_async() -> Any:
    """An ordinary answer, asynchronously."""
    async with groq("AsyncGroq") as client:
        return (await client.chat.completions.create(**ASKED)).choices[0].message.content


async def groq_async_streamed() -> Any:
    """The words of a stream, asynchronously."""
    async with groq("AsyncGroq") as client:
        chunks = await client.chat.completions.create(**ASKED, stream=True)
        return "".join([text(chunk) async for chunk in chunks])


GROQ = {
    "plain": Call(make=groq_plain, says=ECHO),
    "stream": Call(make=groq_streamed, says=ECHO),
    "async": Call(make=groq_async, says=ECHO),
    "async-stream": Call(make=groq_async_streamed, says=ECHO),
}


# llm


def llm_model(kind: str) -> Any:
    """A model of llm's default plugin."""
    from llm.default_plugins import openai_models  # noqa: PLC0415  # may be missing

    model = getattr(openai_models, kind)(
        "x", model_name="gpt-5-mini", api_base=os.environ["CHAT_URL"]
    )
    model.key = KEY
    return model


async def llm_async() -> Any:
    """An ordinary answer, asynchronously."""
    return await llm_model("AsyncChat").prompt(TEXT, stream=False).text()


async def llm_async_streamed() -> Any:
    """The words of a stream, asynchronously."""
    return "".join([piece async for piece in llm_model("AsyncChat").prompt(TEXT)])


LLM = {
    "plain": Call(make=lambda: llm_model("Chat").prompt(TEXT, stream=False).text(), says=ECHO),
    "stream": Call(make=lambda: "".join(llm_model("Chat").prompt(TEXT)), says=ECHO),
    "async": Call(make=llm_async, says=ECHO),
    "async-stream": Call(make=llm_async_streamed, says=ECHO),
}


# lm15, and DSPy on top of it


def lm15_model(kind: str = "OpenAIChatLM") -> Any:
    """A model of lm15."""
    import lm15  # noqa: PLC0415  # may be missing

    return getattr(lm15, kind)(api_key=KEY, base_url=os.environ["CHAT_URL"])


def lm15_request() -> Any:
    """What it is asked."""
    import lm15  # noqa: PLC0415  # may be missing

    return lm15.Request(model="gpt-5-mini", messages=(lm15.Message.user(TEXT),))


def lm15_words(events: list[Any]) -> str:
    """What the events of a stream say."""
    deltas = [getattr(event, "delta", None) for event in events]
    return "".join(getattr(delta, "text", "") for delta in deltas)


async def lm15_async() -> Any:
    """An ordinary answer, asynchronously."""
    return (await lm15_model("AsyncOpenAIChatLM").complete(lm15_request())).text


async def lm15_async_streamed() -> Any:
    """The words of a stream, asynchronously."""
    events = lm15_model("AsyncOpenAIChatLM").stream(lm15_request())
    return lm15_words([event async for event in events])


LM15 = {
    "plain": Call(make=lambda: lm15_model().complete(lm15_request()).text, says=ECHO),
    "stream": Call(make=lambda: lm15_words(list(lm15_model().stream(lm15_request()))), says=ECHO),
    "async": Call(make=lm15_async, says=ECHO),
    "async-stream": Call(make=lm15_async_streamed, says=ECHO),
}


def dspy_model() -> Any:
    """A model of DSPy, on the engine that it prefers."""
    import dspy  # noqa: PLC0415  # may be missing

    url = os.environ["CHAT_URL"]
    return dspy.LM("openai/gpt-5-mini", engine="lm15", api_base=url, api_key=KEY, cache=False)


async def dspy_async() -> Any:
    """An ordinary answer, asynchronously."""
    return (await dspy_model().acall(TEXT))[0]


DSPY = {
    "plain": Call(make=lambda: dspy_model()(TEXT)[0], says=ECHO),
    "async": Call(make=dspy_async, says=ECHO),
}


# ag2


async def ag2_said(*, streaming: bool) -> Any:
    """What an agent answers."""
    import ag2  # noqa: PLC0415  # may be missing
    from ag2.config import OpenAIConfig  # noqa: PLC0415  # as above

    url = os.environ["CHAT_URL"]
    config = OpenAIConfig(model="gpt-5-mini", base_url=url, api_key=KEY, streaming=streaming)
    return (await ag2.Agent("x", config=config).ask(TEXT)).body


AG2 = {
    "async": Call(make=lambda: ag2_said(streaming=False), says=ECHO),
    "async-stream": Call(make=lambda: ag2_said(streaming=True), says=ECHO),
}


# They leave their connections to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("client", "table", "modules"),
    [
        ("openai-agents", "AGENTS", ["agents"]),
        ("pydantic-ai", "PYDANTIC_AI", ["pydantic_ai.models.openai", "pydantic_ai.direct"]),
        ("instructor", "INSTRUCTOR", ["instructor.v2.providers.openai.handlers"]),
        ("groq", "GROQ", ["groq.resources.chat"]),
        ("llm", "LLM", ["llm.default_plugins.openai_models"]),
        ("lm15", "LM15", ["lm15"]),
        ("dspy", "DSPY", ["dspy"]),
        ("ag2", "AG2", ["ag2.config"]),
    ],
)
def test_one_call_is_one_event(
    client_project: ClientProject, client: str, table: str, modules: list[str]
) -> None:
    """Recorded and played answers are equal, and the provider is asked once for each."""
    client_project.prove_installed(modules, __name__, table, client=client)
