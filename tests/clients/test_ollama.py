"""The `ollama` client: recorded, played offline and replayed, in both formats and all its ways."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from clients.scripted_client import proved
from projects import Project

from pytest_llmreplay.replay.simulated import SimulatedServer

pytest.importorskip("ollama", reason="the client is not installed")

TOOL = """{"type": "function", "function": {"name": "get_weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}"""
ASKED = "messages=[{'role': 'user', 'content': 'capital of France'}]"
TESTS = {
    "chat": f"""
        answer = client.chat(model="qwen3", {ASKED})
        assert "Paris is the capital." == answer.message.content
        assert "stop" == answer.done_reason
    """,
    "chat_stream": f"""
        pieces = list(client.chat(model="qwen3", {ASKED}, stream=True))
        assert ["Paris ", "is ", "the ", "capital.", ""] == [p.message.content for p in pieces]
        assert pieces[-1].done and pieces[-1].eval_count
    """,
    "generate": """
        answer = client.generate(model="qwen3", prompt="capital of France", system="Be brief.")
        assert "Paris is the capital." == answer.response
    """,
    "generate_stream": """
        pieces = list(client.generate(model="qwen3", prompt="capital of France", stream=True))
        assert "Paris is the capital." == "".join(p.response for p in pieces)
    """,
    "tools": f"""
        messages = [{{"role": "user", "content": "weather"}}]
        answer = client.chat(model="qwen3", messages=messages, tools=[{TOOL}])
        call = answer.message.tool_calls[0].function
        assert ("get_weather", {{"city": "Paris"}}) == (call.name, call.arguments)
        result = {{"role": "tool", "tool_name": "get_weather", "content": "sunny"}}
        answer = client.chat(
            model="qwen3", messages=[*messages, answer.message, result], stream=True
        )
        assert "Take sunglasses." == "".join(piece.message.content for piece in answer)
    """,
    "tools_stream": f"""
        messages = [{{"role": "user", "content": "weather"}}]
        pieces = client.chat(model="qwen3", messages=messages, tools=[{TOOL}], stream=True)
        calls = [call for piece in pieces for call in piece.message.tool_calls or ()]
        assert [{{"city": "Paris"}}] == [call.function.arguments for call in calls]
    """,
    "async": f"""
        async def ask():
            async with ollama.AsyncClient(host=os.environ["OLLAMA_URL"]) as client:
                answer = await client.chat(model="qwen3", {ASKED})
                pieces = await client.chat(model="qwen3", {ASKED}, stream=True)
                return answer.message.content, [p.message.content async for p in pieces]
        said, pieces = asyncio.run(ask())
        assert "Paris is the capital." == said == "".join(pieces)
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
        "import ollama\n\n@pytest.mark.llm_cassette\ndef test_it():\n"
        '    with ollama.Client(host=os.environ["OLLAMA_URL"]) as client:' + TESTS[way]
    )
    calls = CALLS.get(way, 1)
    events = proved(project, scripted_server, test, api="ollama_chat", calls=calls)
    proves("ollama", events, awaited=way == "async")


def test_a_stream_of_lines_reads_as_words(
    project: Project,
    scripted_server: SimulatedServer,
) -> None:
    """A cassette shows what the lines of a stream add, and when the first came."""
    project.tests(
        "import ollama\n\n@pytest.mark.llm_cassette\ndef test_it():\n"
        '    with ollama.Client(host=os.environ["OLLAMA_URL"]) as client:' + TESTS["chat_stream"]
    )
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert "api: ollama_chat" in text
    assert "headers: {content-type: application/x-ndjson}" in text
    assert "framing: [lines]" in text
    assert re.search(r'(?m)^    \d+ "1970-01-01T00:00:00Z" "is "  \d+ ".*" "the "', text)
    assert "time_to_first_chunk: " in text
