"""`--llm-history replayed` with the agents of Google's, Ollama's, Cohere's and AWS' own clients."""

from __future__ import annotations

from typing import Any

import pytest
from kept_runs import lines_of, run_file
from projects import Project
from shell import inside

from pytest_llmreplay.replay.simulated import Line, Script, SimulatedServer, When

WEATHER = """
import json, os

WEATHER = {"Paris": "rain", "Rome": "sun", "Oslo": "snow"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
"""
FUNCTION = """
TOOLS = [{"type": "function", "function": {"name": "lookup", "parameters": SCHEMA}}]
"""
GEMINI = '''
from google import genai
from google.genai import types

CONFIG = types.GenerateContentConfig(
    tools=[
        types.Tool(
            function_declarations=[
                types.FunctionDeclaration(name="lookup", parameters_json_schema=SCHEMA)
            ]
        )
    ]
)


def client():
    """Asks Gemini's own API."""
    http = types.HttpOptions(base_url=os.environ["AGENT_URL"])
    return genai.Client(api_key="test-key-0123456789abcdef", http_options=http)


def agent(*questions, stream):
    with client() as opened:
        chat = opened.chats.create(model="gemini-2.5-flash", config=CONFIG)
        for question in questions:
            said = [question]
            while said:
                if stream:
                    answers = list(chat.send_message_stream(said))
                else:
                    answers = [chat.send_message(said)]
                calls = [call for answer in answers for call in answer.function_calls or []]
                said = [
                    types.Part.from_function_response(
                        name=call.name, response={"result": WEATHER[call.args["city"]]}
                    )
                    for call in calls
                ]
'''
VERTEX = (
    GEMINI
    + '''
from google.oauth2.credentials import Credentials


def client():
    """Asks the models of a project."""
    return genai.Client(
        vertexai=True,
        project="p",
        location="europe-west1",
        credentials=Credentials(token="ya29.test-token-0123456789abcdef"),
        http_options=types.HttpOptions(base_url=os.environ["AGENT_URL"]),
    )
'''
)
OLLAMA = (
    FUNCTION
    + """
import ollama


def agent(*questions, stream):
    messages = [{"role": "system", "content": "You tell the weather."}]
    with ollama.Client(host=os.environ["AGENT_URL"]) as client:
        for question in questions:
            messages.append({"role": "user", "content": question})
            while messages[-1]["role"] != "assistant":
                answer = client.chat(model="m", messages=messages, tools=TOOLS, stream=stream)
                pieces = [one.message for one in answer] if stream else [answer.message]
                calls = [call for piece in pieces for call in piece.tool_calls or []]
                words = "".join(piece.content or "" for piece in pieces)
                told = {"role": "assistant", "content": words}
                messages.append({**told, "tool_calls": calls} if calls else told)
                messages += [
                    {
                        "role": "tool",
                        "tool_name": call.function.name,
                        "content": WEATHER[call.function.arguments["city"]],
                    }
                    for call in calls
                ]
"""
)
COHERE = (
    FUNCTION
    + '''
import cohere


def assembled(events):
    """The message that a stream amounts to."""
    words, calls = "", []
    for event in events:
        if event.type == "content-delta":
            words += event.delta.message.content.text
        elif event.type == "tool-call-start":
            calls.append(event.delta.message.tool_calls.model_dump())
        elif event.type == "tool-call-delta":
            piece = event.delta.message.tool_calls.function.arguments
            calls[-1]["function"]["arguments"] += piece
    told = {"role": "assistant"} | ({"content": words} if words else {})
    return told | ({"tool_calls": calls} if calls else {})


def agent(*questions, stream):
    messages = []
    with cohere.ClientV2("k", base_url=os.environ["AGENT_URL"]) as client:
        for question in questions:
            messages.append({"role": "user", "content": question})
            while messages[-1]["role"] != "assistant":
                asked = {"model": "command-a", "messages": messages, "tools": TOOLS}
                if stream:
                    told = assembled(client.chat_stream(**asked))
                else:
                    told = client.chat(**asked).message.model_dump(exclude_none=True)
                messages.append(told)
                messages += [
                    {
                        "role": "tool",
                        "tool_call_id": call["id"],
                        "content": WEATHER[json.loads(call["function"]["arguments"])["city"]],
                    }
                    for call in told.get("tool_calls", ())
                ]
'''
)
CONVERSE = '''
import boto3

TOOLS = {"tools": [{"toolSpec": {"name": "lookup", "inputSchema": {"json": SCHEMA}}}]}


def assembled(events):
    """The message that a stream amounts to."""
    blocks = []
    for event in events:
        if "contentBlockStart" in event:
            call = event["contentBlockStart"]["start"]["toolUse"]
            blocks.append({"toolUse": {**call, "input": ""}})
        elif "contentBlockDelta" in event:
            delta = event["contentBlockDelta"]["delta"]
            if "toolUse" in delta:
                blocks[-1]["toolUse"]["input"] += delta["toolUse"]["input"]
            elif blocks and "text" in blocks[-1]:
                blocks[-1]["text"] += delta["text"]
            else:
                blocks.append({"text": delta["text"]})
    for block in blocks:
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return {"role": "assistant", "content": blocks}


def agent(*questions, stream):
    client = boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=os.environ["AGENT_URL"]
    )
    messages = []
    for question in questions:
        messages.append({"role": "user", "content": [{"text": question}]})
        while messages[-1]["role"] != "assistant":
            asked = {"modelId": "amazon.nova-pro-v1:0", "messages": messages, "toolConfig": TOOLS}
            if stream:
                told = assembled(client.converse_stream(**asked)["stream"])
            else:
                told = client.converse(**asked)["output"]["message"]
            messages.append(told)
            if results := [
                {
                    "toolResult": {
                        "toolUseId": block["toolUse"]["toolUseId"],
                        "content": [{"text": WEATHER[block["toolUse"]["input"]["city"]]}],
                    }
                }
                for block in told["content"]
                if "toolUse" in block
            ]:
                messages.append({"role": "user", "content": results})
'''
AGENTS = {
    "gemini": ("google.genai", "generate_content", GEMINI),
    "vertex": ("google.genai", "generate_content", VERTEX),
    "ollama": ("ollama", "ollama_chat", OLLAMA),
    "cohere": ("cohere", "cohere_chat", COHERE),
    "converse": ("boto3", "converse", CONVERSE),
}
"""By name: the client, the API format that it speaks, and an application of it."""

PARIS, ROME, OSLO = (("lookup", {"city": city}) for city in ("Paris", "Rome", "Oslo"))
RECORDED = Script(
    [
        Line(When(user="Paris"), calls=[PARIS]),
        Line(When(result="rain"), "It rains in Paris all week long."),
        Line(When(user="Rome"), calls=[ROME, OSLO]),
        Line(When(result="snow"), "Rome is sunny, and Oslo has snow."),
    ]
)
OTHER = Script(
    [
        Line(When(user="Paris"), calls=[PARIS]),
        Line(When(result="rain"), "Rain in Paris, I am afraid."),
        Line(When(user="Rome"), calls=[OSLO, ROME]),
        Line(When(result="snow"), "Sun and snow."),
    ]
)

MORE = Script(
    [
        Line(When(user="Paris"), calls=[PARIS]),
        Line(When(result="rain"), calls=[OSLO]),
        Line(When(result="snow"), "Rain there, snow there."),
        Line(When(user="Rome"), calls=[ROME]),
        Line(When(result="sun"), "Sun, and as I said snow."),
    ]
)
PROJECT = "/v1beta1/projects/p/locations/europe-west1/publishers/google"
MODELS = {"generate_content": "gemini-2.5-flash", "cohere_chat": "command-a", "ollama_chat": "m"}

agents = pytest.mark.parametrize("agent", AGENTS)
streams = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


def record(
    project: Project, monkeypatch: pytest.MonkeyPatch, agent: str, *, stream: bool = False
) -> str:
    """Record a session of four calls, two questions and three tools; its API format."""
    module, api, application = AGENTS[agent]
    pytest.importorskip(module, reason="the client is not installed")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA2OGYBAH6STPLUVXQ")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "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")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    project.write("agents.py", WEATHER + application)
    project.write(
        "tests/test_app.py",
        f"""
        from agents import agent

        def test_it(llm_cassette):
            agent("Paris?", "And Rome, and Oslo?", stream={stream})
        """,
    )
    with SimulatedServer("steady", script=RECORDED) as server:
        google = api == "generate_content"
        monkeypatch.setenv("AGENT_URL", server.url if google else server.base_urls[api])
        project.record().assert_outcomes(passed=1)
        assert 4 == server.calls
    project.run().assert_outcomes(passed=1)
    return api


def free(project: Project, server: SimulatedServer, api: str, place: str = "") -> pytest.RunResult:
    """Replay the session freely on a server, in a format; at another place than usual."""
    base_url = server.url + place if place else server.base_urls[api]
    model = MODELS.get(api, "amazon.nova-pro-v1:0")
    project.write(
        "llmreplay.yaml",
        f"targets: {{other: {{model: '{model}', base_url: '{base_url}', api: {api}}}}}",
    )
    checks = ("--llm-check=answered", "--llm-check=session:trajectory", "--llm-check-only")
    return project.run("--llm-replay", "--llm-model=other", "--llm-history=replayed", *checks)


def conversations(project: Project) -> list[Any]:
    """What was sent, call by call."""
    lines = sorted(
        (line for line in lines_of(run_file(project)) if "call" in line),
        key=lambda line: line["call"]["label"],
    )
    return [line["sent"]["body"] for line in lines]


def words(value: Any) -> str:
    """All texts in a request, one behind the other: chats of Google tell streams in pieces."""
    if isinstance(value, dict):
        value = [one for key, one in value.items() if key != "role"]
    return "".join(map(words, value)) if isinstance(value, list) else str(value)


@agents
@streams
@pytest.mark.parametrize("asked", ["itself", "chat_completions", "messages", "responses"])
def test_a_session_runs_freely(
    project: Project, monkeypatch: pytest.MonkeyPatch, agent: str, asked: str, *, stream: bool
) -> None:
    """On a target of its own format or of another, what that said stands in later requests."""
    api = record(project, monkeypatch, agent, stream=stream)
    with SimulatedServer("steady", script=OTHER) as server:
        result = free(project, server, api if asked == "itself" else asked)
        assert 4 == server.calls
    assert {"changed": 2, "passed": 3} == result.parseoutcomes()
    third, last = map(words, conversations(project)[2:])
    assert "Rain in Paris, I am afraid." in third
    assert "It rains in Paris" not in third
    places = [last.rindex(word) for word in ("rain", "snow", "sun")]
    assert places == sorted(places)


@agents
@streams
@pytest.mark.parametrize("script", [OTHER, MORE], ids=["same rounds", "more rounds"])
def test_a_session_that_ran_freely_becomes_the_recording(
    project: Project, monkeypatch: pytest.MonkeyPatch, agent: str, script: Script, *, stream: bool
) -> None:
    """The client sends what was sent: the test plays offline, with the new answers."""
    api = record(project, monkeypatch, agent, stream=stream)
    with SimulatedServer("steady", script=script) as server:
        free(project, server, api, PROJECT if agent == "vertex" else "")
        asked = server.calls
        done = inside("accept", "run-1", "--promote", cwd=project.path)
        assert (0, "") == (done.returncode, done.stderr)
        google = api == "generate_content"
        monkeypatch.setenv("AGENT_URL", server.url if google else server.base_urls[api])
        project.run().assert_outcomes(passed=1)
        assert asked == server.calls
    assert script.lines[-1].text in project.cassette().read_text(encoding="utf-8")
