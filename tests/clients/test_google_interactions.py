"""Interactions of Google's client: every call is one event, plays back and is replayed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import Project
from servers.provider_server import Exchange, ProviderServer

from pytest_llmreplay import Cassette
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.simulated import SimulatedServer

interactions = pytest.importorskip("google.genai.interactions")
if not hasattr(interactions, "StepDelta"):
    pytest.skip("a google-genai from before the steps", allow_module_level=True)

APPLICATION = '''
import asyncio
import os

from google import genai
from google.genai import types

MODEL = "gemini-3.8-flash"
ASKED = "What is the capital of France?"
WEATHER = [
    {
        "type": "function",
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]


def client():
    """A client of the loopback server."""
    http = types.HttpOptions(base_url=os.environ["GEMINI_URL"])
    return genai.Client(api_key="test-key-0123456789abcdef", http_options=http)


def said(events):
    """The words of a stream."""
    deltas = [event.delta for event in events if event.event_type == "step.delta"]
    return "".join(delta.text for delta in deltas if delta.type == "text")


def plain():
    with client() as opened:
        answer = opened.interactions.create(model=MODEL, input=ASKED)
    assert ("completed", "Paris is the capital.") == (answer.status, answer.output_text)
    assert answer.usage.total_tokens > 0


def stream():
    with client() as opened:
        events = list(opened.interactions.create(model=MODEL, input=ASKED, stream=True))
    assert "Paris is the capital." == said(events)
    assert "interaction.created" == events[0].event_type
    assert ("interaction.completed", "completed") == (
        events[-1].event_type,
        events[-1].interaction.status,
    )


def tool():
    with client() as opened:
        first = opened.interactions.create(
            model=MODEL, input="How is the weather?", tools=WEATHER, store=False
        )
        assert "requires_action" == first.status
        (call,) = [step for step in first.steps if step.type == "function_call"]
        assert ("get_weather", {"city": "Paris"}) == (call.name, call.arguments)
        result = {
            "type": "function_result",
            "name": call.name,
            "call_id": call.id,
            "result": [{"type": "text", "text": "sunny in Paris"}],
        }
        asked = {
            "type": "user_input", "content": [{"type": "text", "text": "How is the weather?"}]
        }
        second = opened.interactions.create(
            model=MODEL,
            input=[asked, *[step.model_dump(exclude_none=True) for step in first.steps], result],
            tools=WEATHER,
            store=False,
        )
    assert "Take sunglasses." == second.output_text


def streamed_tool():
    with client() as opened:
        events = list(
            opened.interactions.create(
                model=MODEL, input="How is the weather?", tools=WEATHER, stream=True
            )
        )
    (begun,) = [event.step for event in events if event.event_type == "step.start"]
    deltas = [event.delta for event in events if event.event_type == "step.delta"]
    assert ("function_call", "get_weather") == (begun.type, begun.name)
    assert '{"city":"Paris"}' == "".join(delta.arguments for delta in deltas)


def _run(asked):
    async def made():
        async with client().aio as opened:
            await asked(opened)

    asyncio.run(made())


async def _asked(opened):
    answer = await opened.interactions.create(model=MODEL, input=ASKED)
    assert "Paris is the capital." == answer.output_text


async def _streamed(opened):
    events = await opened.interactions.create(model=MODEL, input=ASKED, stream=True)
    assert "Paris is the capital." == said([event async for event in events])


def async_plain():
    _run(_asked)


def async_stream():
    _run(_streamed)
'''

EVENTS = {
    "plain": 1,
    "stream": 1,
    "tool": 2,
    "streamed_tool": 1,
    "async_plain": 1,
    "async_stream": 1,
}
"""Calls of the client, and how often each asks the model."""
TEST = """
@pytest.mark.llm_cassette
def test_{name}():
    gemini.{name}()

"""


def test_every_interaction_is_recorded_played_and_replayed(
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
    base_url = scripted_server.base_urls["interactions"]
    project.run("--llm-replay", "--llm-base-url", base_url).assert_outcomes(passed=count)
    assert 2 * count == scripted_server.calls
    scripted_server.stop()
    project.run().assert_outcomes(passed=len(EVENTS))
    for name, expected in EVENTS.items():
        events = list(Cassette.load(project.cassette(f"tests/test_g/test_{name}.yaml")).events)
        assert ["interactions"] * expected == [event.api for event in events]
        assert "gemini-3.8-flash" == events[0].request.model == events[0].response.model
        assert ("stream" in name) == events[0].request.stream
        proves("google-genai", events, awaited=name.startswith("async"))


BACKGROUND = """

@pytest.mark.llm_cassette
def test_it():
    http = types.HttpOptions(base_url={url!r})
    with genai.Client(api_key="test-key-0123456789abcdef", http_options=http) as client:
        asked = client.interactions.create(agent="deep-research", input="Why?", background=True)
        while asked.status == "in_progress":
            asked = client.interactions.get(id=asked.id)
        assert ("completed", "Because.") == (asked.status, asked.output_text)
        assert "cancelled" == client.interactions.cancel(id=asked.id).status
"""


async def agent(served: Exchange) -> None:
    """An agent that is done when it is asked for the second time."""
    said: Json = {"type": "model_output", "content": [{"type": "text", "text": "Because."}]}
    told: dict[str, Json] = {
        "id": "v1_Chd0123456789",
        "object": "interaction",
        "agent": "deep-research",
    }
    if served.seen.path.endswith("/cancel"):
        told |= {"status": "cancelled"}
    elif served.seen.method == "GET":
        told |= {"status": "completed", "steps": [said]}
    else:
        told |= {"status": "in_progress"}
    await served.json(told)


def test_an_agent_in_the_background_is_played_with_its_polls(project: Project) -> None:
    """Each is an event of its own; the one that asks is replayed, by those who may ask an agent."""
    with ProviderServer(agent) as server:
        project.tests(BACKGROUND.format(url=server.url))
        project.record().assert_outcomes(passed=1)
        refused = project.run("--llm-replay", "--llm-base-url", f"{server.url}/v1")
        refused.assert_outcomes(skipped=3)
        refused.stdout.fnmatch_lines(["*agent, background: acts with the acco*"])
    project.run().assert_outcomes(passed=1)
    events = list(Cassette.load(project.cassette()).events)
    assert ["interactions", "other", "other"] == [event.api for event in events]
    assert "deep-research" == events[0].model


REROUTED = """

TOOL = {{
    "type": "function",
    "name": "get_weather",
    "parameters": {{"type": "object", "properties": {{"city": {{"type": "string"}}}}}},
}}

@pytest.mark.llm_cassette
@pytest.mark.parametrize("stream", [False, True])
def test_it(stream):
    http = types.HttpOptions(base_url="http://127.0.0.1:1")
    with genai.Client(api_key="test-key-0123456789abcdef", http_options=http) as client:
        asked = client.interactions.create(
            model="gemini-3.8-flash", input="How is the weather?", tools=[TOOL], stream=stream
        )
        if not stream:
            (call,) = asked.steps
            assert ("requires_action", {{"city": "Paris"}}) == (asked.status, call.arguments)
        else:
            deltas = [event.delta for event in asked if event.event_type == "step.delta"]
            assert '{{"city":"Paris"}}' == "".join(delta.arguments for delta in deltas)
"""


@pytest.mark.parametrize(
    ("api", "target"),
    [
        ("interactions", "gemini/g"),
        ("chat_completions", "openai/m"),
        ("messages", "anthropic/claude-haiku-4-5"),
    ],
)
def test_a_test_of_interactions_runs_against_any_model(
    project: Project, scripted_server: SimulatedServer, api: str, target: str
) -> None:
    """Its own assertions judge, whichever format the target speaks."""
    project.tests(REROUTED.format())
    base_url = scripted_server.base_urls[api]
    run = project.run("--llm-replay-tests", "--llm-model", target, "--llm-base-url", base_url)
    run.assert_outcomes(passed=2)
    assert 2 == scripted_server.calls


@pytest.mark.parametrize(
    ("api", "target"),
    [
        ("interactions", "gemini/g"),
        ("chat_completions", "openai/m"),
        ("messages", "anthropic/claude-haiku-4-5"),
    ],
)
def test_a_session_of_interactions_runs_freely_with_any_model(
    project: Project, scripted_server: SimulatedServer, api: str, target: str
) -> None:
    """The steps of the target stand in the next request, with the result of its own call."""
    project.write("gemini.py", APPLICATION)
    project.tests(f"import gemini\n{TEST.format(name='tool')}", name="tests/test_g.py")
    project.record().assert_outcomes(passed=1)
    run = project.run(
        *("--llm-replay", "--llm-model", target, "--llm-base-url", scripted_server.base_urls[api]),
        *("--llm-history", "replayed", "--llm-check", "contract"),
    )
    run.assert_outcomes(passed=2)
    assert 4 == scripted_server.calls
