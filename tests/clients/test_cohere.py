"""The `cohere` client: recorded, played offline and replayed, in all its ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clients.scripted_client import proved
from projects import Project

from pytest_llmreplay.replay.simulated import SimulatedServer

pytest.importorskip("cohere", reason="the client is not installed")

TOOL = """{"type": "function", "function": {"name": "get_weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}"""
ASKED = "model='command-a', messages=[{'role': 'user', 'content': 'capital of France'}]"
TESTS = {
    "chat": f"""
        answer = client.chat({ASKED})
        assert "Paris is the capital." == answer.message.content[0].text
        assert "COMPLETE" == answer.finish_reason
    """,
    "stream": f"""
        events = list(client.chat_stream({ASKED}))
        words = [e.delta.message.content.text for e in events if e.type == "content-delta"]
        assert ["Paris ", "is ", "the ", "capital."] == words
        assert "COMPLETE" == events[-1].delta.finish_reason
        assert events[-1].delta.usage.tokens.output_tokens
    """,
    "tools": f"""
        messages = [{{"role": "user", "content": "weather"}}]
        answer = client.chat(model="command-a", messages=messages, tools=[{TOOL}])
        call = answer.message.tool_calls[0]
        assert '{{"city":"Paris"}}' == call.function.arguments
        result = {{"role": "tool", "tool_call_id": call.id, "content": "sunny"}}
        answer = client.chat(model="command-a", messages=[*messages, answer.message, result])
        assert "Take sunglasses." == answer.message.content[0].text
    """,
    "tools_stream": f"""
        messages = [{{"role": "user", "content": "weather"}}]
        events = list(client.chat_stream(model="command-a", messages=messages, tools=[{TOOL}]))
        started = [e for e in events if e.type == "tool-call-start"]
        assert ["get_weather"] == [e.delta.message.tool_calls.function.name for e in started]
        pieces = [e for e in events if e.type == "tool-call-delta"]
        arguments = [e.delta.message.tool_calls.function.arguments for e in pieces]
        assert '{{"city":"Paris"}}' == "".join(arguments)
    """,
    "async": f"""
        async def ask():
            async with cohere.AsyncClientV2("k", base_url=os.environ["COHERE_URL"]) as client:
                answer = await client.chat({ASKED})
                events = [event async for event in client.chat_stream({ASKED})]
            words = [e.delta.message.content.text for e in events if e.type == "content-delta"]
            return answer.message.content[0].text, words
        said, words = asyncio.run(ask())
        assert "Paris is the capital." == said == "".join(words)
    """,
}
CALLS = {"tools": 2, "async": 2}


@pytest.mark.parametrize("way", TESTS)
def test_a_call_is_an_event_played_offline_and_replayed(
    project: Project,
    scripted_server: SimulatedServer,
    proves: Callable[..., None],
    way: str,
) -> None:
    """Whichever way the client is used: as many events as calls, and no call to play them."""
    test = (
        "import cohere\n\n@pytest.mark.llm_cassette\ndef test_it():\n"
        '    with cohere.ClientV2("k", base_url=os.environ["COHERE_URL"]) as client:' + TESTS[way]
    )
    calls = CALLS.get(way, 1)
    events = proved(project, scripted_server, test, api="cohere_chat", calls=calls)
    assert {"cohere_chat"} == {event.api for event in events}
    proves("cohere", events, awaited=way == "async")


FIRST = "model='command-r', message='capital of France'"
FIRST_TESTS = {
    "chat": f"""
        answer = client.chat({FIRST}, preamble="Be kind.")
        assert "Paris is the capital." == answer.text
        assert "COMPLETE" == answer.finish_reason
        assert answer.meta.tokens.output_tokens
    """,
    "stream": f"""
        events = list(client.chat_stream({FIRST}))
        words = [e.text for e in events if e.event_type == "text-generation"]
        assert ["Paris ", "is ", "the ", "capital."] == words
        assert "Paris is the capital." == events[-1].response.text
    """,
    "tools": """
        tool = {"name": "get_weather", "description": "?", "parameter_definitions": {}}
        answer = client.chat(model="command-r", message="weather", tools=[tool])
        (call,) = answer.tool_calls
        assert ("get_weather", {"city": "Paris"}) == (call.name, call.parameters)
        results = [{"call": call, "outputs": [{"sky": "sunny"}]}]
        answer = client.chat(model="command-r", message="weather", tool_results=results)
        assert "Take sunglasses." == answer.text
    """,
    "generate": """
        answer = client.generate(model="command", prompt="capital of France")
        assert "Paris is the capital." == answer.generations[0].text
    """,
}


@pytest.mark.parametrize("way", FIRST_TESTS)
def test_the_first_api_is_recorded_played_and_replayed(
    project: Project, scripted_server: SimulatedServer, proves: Callable[..., None], way: str
) -> None:
    """At Cohere's hosts; on this machine only where the address is said to be a model's."""
    test = (
        "import cohere\n\n@pytest.mark.llm_cassette\ndef test_it():\n"
        '    with cohere.Client("k", base_url=os.environ["COHERE_URL"]) as client:'
        + FIRST_TESTS[way]
    )
    project.write("pytest.ini", "[pytest]\nllm_hosts = 127.0.0.1\n")
    api = "cohere_generate" if way == "generate" else "cohere_chat_v1"
    events = proved(project, scripted_server, test, api=api, calls=CALLS.get(way, 1))
    assert {api} == {event.api for event in events}
    proves("cohere", events)
