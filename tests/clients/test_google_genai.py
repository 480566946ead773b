"""Google's client, on httpx and on aiohttp: every call is one event, plays back and is replayed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import Project

from pytest_llmreplay import Cassette
from pytest_llmreplay.replay.simulated import SimulatedServer

pytest.importorskip("google.genai")
pytest.importorskip("aiohttp")

APPLICATION = '''
import asyncio
import os

from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials

MODEL = "gemini-2.5-flash"
ASKED = "What is the capital of France?"


def client(**options):
    """A client of the loopback server."""
    http = types.HttpOptions(base_url=os.environ["GEMINI_URL"], **options)
    return genai.Client(api_key="test-key-0123456789abcdef", http_options=http)


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


WEATHER = types.GenerateContentConfig(
    tools=[
        types.Tool(
            function_declarations=[
                types.FunctionDeclaration(
                    name="get_weather",
                    parameters=types.Schema(
                        type="OBJECT", properties={"city": types.Schema(type="STRING")}
                    ),
                )
            ]
        )
    ]
)


def plain():
    with client() as opened:
        answer = opened.models.generate_content(model=MODEL, contents=ASKED)
    assert "Paris is the capital." == answer.text
    assert "STOP" == answer.candidates[0].finish_reason
    assert answer.usage_metadata.total_token_count > 0


def stream():
    with client() as opened:
        chunks = list(
            opened.models.generate_content_stream(model=MODEL, contents=ASKED)
        )
    assert "Paris is the capital." == "".join(chunk.text or "" for chunk in chunks)
    assert "STOP" == chunks[-1].candidates[0].finish_reason
    assert len(chunks) > 3


def tool():
    with client() as opened:
        answer = opened.models.generate_content(
            model=MODEL, contents="How is the weather?", config=WEATHER
        )
    (call,) = answer.function_calls
    assert ("get_weather", {"city": "Paris"}) == (call.name, call.args)


def streamed_tool():
    with client() as opened:
        chunks = list(
            opened.models.generate_content_stream(
                model=MODEL, contents="How is the weather?", config=WEATHER
            )
        )
    calls = [call for chunk in chunks for call in chunk.function_calls or []]
    assert [("get_weather", {"city": "Paris"})] == [(call.name, call.args) for call in calls]


def automatic_calling():
    config = types.GenerateContentConfig(tools=[get_weather], system_instruction="Be short.")
    with client() as opened:
        answer = opened.models.generate_content(
            model=MODEL, contents="How is the weather?", config=config
        )
    assert "Take sunglasses." == answer.text


def vertex():
    http = types.HttpOptions(base_url=os.environ["GEMINI_URL"])
    with genai.Client(vertexai=True, api_key="test-key-0123456789abcdef", http_options=http) as it:
        answer = it.models.generate_content(model=MODEL, contents=ASKED)
    assert "Paris is the capital." == answer.text


def in_project():
    """A client of Vertex AI, with a token of an account."""
    http = types.HttpOptions(base_url=os.environ["GEMINI_URL"])
    token = Credentials(token="ya29.test-token-0123456789abcdef")
    return genai.Client(
        vertexai=True, project="p", location="europe-west1", credentials=token, http_options=http
    )


def vertex_project():
    with in_project() as it:
        answer = it.models.generate_content(model=MODEL, contents=ASKED)
    assert "Paris is the capital." == answer.text


def vertex_project_stream():
    with in_project() as it:
        chunks = list(
            it.models.generate_content_stream(model=MODEL, contents=ASKED)
        )
    assert "Paris is the capital." == "".join(chunk.text or "" for chunk in chunks)


def _run(asked, **options):
    async def made():
        async with client(**options).aio as opened:
            await asked(opened)

    asyncio.run(made())


async def _asked(opened):
    answer = await opened.models.generate_content(model=MODEL, contents=ASKED)
    assert "Paris is the capital." == answer.text


async def _streamed(opened):
    chunks = await opened.models.generate_content_stream(
        model=MODEL, contents=ASKED
    )
    said = [chunk.text or "" async for chunk in chunks]
    assert "Paris is the capital." == "".join(said)


def async_plain():
    _run(_asked)


def async_stream():
    _run(_streamed)


def _over_httpx():
    from httpx import AsyncHTTPTransport

    return {"async_client_args": {"transport": AsyncHTTPTransport()}}


def async_httpx():
    _run(_asked, **_over_httpx())


def async_httpx_stream():
    _run(_streamed, **_over_httpx())
'''

EVENTS = {
    "plain": 1,
    "stream": 1,
    "tool": 1,
    "streamed_tool": 1,
    "automatic_calling": 2,
    "vertex": 1,
    "vertex_project": 1,
    "vertex_project_stream": 1,
    "async_plain": 1,
    "async_stream": 1,
    "async_httpx": 1,
    "async_httpx_stream": 1,
}
"""Calls of the client, and how often each asks the model."""
OVER_AIOHTTP = {"async_plain", "async_stream"}
"""Calls for which the client takes aiohttp wherever that is installed."""

KEY = "test-key-0123456789abcdef"
TEST = """
@pytest.mark.llm_cassette
def test_{name}():
    gemini.{name}()

"""


def test_every_call_is_recorded_played_and_replayed(
    project: Project, scripted_server: SimulatedServer, proves: Callable[..., None]
) -> None:
    """The model is asked once; recordings play offline, and hold when they are replayed."""
    project.write("gemini.py", APPLICATION)
    calls = "".join(TEST.format(name=name) for name in EVENTS)
    project.tests(f"import gemini\n{calls}", name="tests/test_g.py")
    count = sum(EVENTS.values())
    project.record().assert_outcomes(passed=len(EVENTS))
    assert count == scripted_server.calls
    project.run("--llm-replay").assert_outcomes(passed=count)
    project.run("--llm-replay", "--llm-model", "simulated/steady").assert_outcomes(passed=count)
    assert count == scripted_server.calls
    base_url = scripted_server.base_urls["generate_content"]
    project.run("--llm-replay", "--llm-base-url", base_url).assert_outcomes(passed=count)
    assert 2 * count == scripted_server.calls
    scripted_server.stop()
    project.run().assert_outcomes(passed=len(EVENTS))
    for name, expected in EVENTS.items():
        path = project.cassette(f"tests/test_g/test_{name}.yaml")
        text = path.read_text(encoding="utf-8")
        assert [] == [secret for secret in (KEY, "ya29.") if secret in text]
        events = list(Cassette.load(path).events)
        assert ["generate_content"] * expected == [event.api for event in events]
        assert "gemini-2.5-flash" == events[0].request.model == events[0].response.model
        assert ("stream" in name) == events[0].request.stream
        client = "google-genai on aiohttp" if name in OVER_AIOHTTP else "google-genai"
        proves(client, events, awaited=name.startswith("async"))
