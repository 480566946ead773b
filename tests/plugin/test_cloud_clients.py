"""The SDKs' own clients of the clouds: one call is one event, plays alike, and leaves no secret."""

from __future__ import annotations

import json

import anthropic
import pytest
from projects import Project
from servers.bedrock import CLAUDE, CONVERSE, INVOKE_EVENTS, bedrock
from servers.exchange import Exchange
from servers.provider_server import echo, raw

from pytest_llmreplay import Cassette

pytestmark = pytest.mark.skipif(
    not hasattr(anthropic, "AnthropicFoundry"), reason="anthropic is older than its Foundry client"
)

TOKEN = "ya29.a0AfH6SMBx7Kq2Wn5vYc8RtLp3Zd9Ge1Uj4Xo"
KEY = "3f9c2b7a1e8d4f6095ab7c3e2d1f8a6b"

APPLICATION = f"""
import asyncio, os
import anthropic, openai

URL = os.environ["CHAT_URL"].removesuffix("/v1")
ASKED = dict(max_tokens=100, messages=[{{"role": "user", "content": "What about jobs?"}}])
VERTEX = dict(base_url=URL + "/v1", region="europe-west1", project_id="p", access_token="{TOKEN}")
BEDROCK = dict(base_url=URL, aws_region="us-east-1", api_key="{KEY}")
FOUNDRY = dict(base_url=URL + "/anthropic", api_key="{KEY}")
AZURE = dict(azure_endpoint=URL, api_version="2026-01-01", api_key="{KEY}")
ENTRA = AZURE | dict(api_key=None, azure_ad_token="{TOKEN}")

def claude(kind, options):
    with kind(**options) as client:
        print("SAID", client.messages.create(model="claude-x", **ASKED).content[0].text)
        with client.messages.stream(model="claude-x", **ASKED) as stream:
            print("SAID", list(stream.text_stream))

async def aclaude(kind, options):
    async with kind(**options) as client:
        answer = await client.messages.create(model="claude-x", **ASKED)
        print("SAID", answer.content[0].text)
        stream = await client.messages.create(model="claude-x", stream=True, **ASKED)
        print("SAID", [event.type async for event in stream])

def deployed(options):
    with openai.AzureOpenAI(**options) as client:
        answer = client.chat.completions.create(model="dep", messages=ASKED["messages"])
        print("SAID", answer.choices[0].message.content)
        chunks = client.chat.completions.create(
            model="dep", messages=ASKED["messages"], stream=True
        )
        print("SAID", [chunk.choices[0].delta.content for chunk in chunks if chunk.choices])
"""
CALLS = {
    "claude(anthropic.AnthropicVertex, VERTEX)": "messages",
    "asyncio.run(aclaude(anthropic.AsyncAnthropicVertex, VERTEX))": "messages",
    "claude(anthropic.AnthropicBedrock, BEDROCK)": "messages",
    "asyncio.run(aclaude(anthropic.AsyncAnthropicBedrock, BEDROCK))": "messages",
    "claude(anthropic.AnthropicFoundry, FOUNDRY)": "messages",
    "deployed(AZURE)": "chat_completions",
    "deployed(ENTRA)": "chat_completions",
}


async def cloud(exchange: Exchange) -> None:
    """Answer by the path."""
    path = exchange.seen.path
    if "/model/" in path:
        await bedrock(exchange)
    elif path.endswith(":rawPredict"):
        await exchange.json(CLAUDE)
    elif path.endswith(":streamRawPredict"):
        pieces = (f"event: {told['type']}\ndata: {json.dumps(told)}\n\n" for told in INVOKE_EVENTS)
        await exchange.chunked(piece.encode() for piece in pieces)
    else:
        await echo(exchange)


@pytest.mark.parametrize(("call", "api"), CALLS.items())
def test_a_client_of_a_cloud_plays_offline(project: Project, call: str, api: str) -> None:
    """Plain and streamed; the model is known, and no key or token is in any file."""
    project.write("app.py", APPLICATION)
    project.tests(f"@pytest.mark.llm_cassette\ndef test_it():\n    {call}\n")
    project.server.next(cloud, cloud)
    live, played = project.record("-s"), project.run("-s")
    live.assert_outcomes(passed=1)
    played.assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    said = [[line for line in run.outlines if "SAID" in line] for run in (live, played)]
    assert said[0] == said[1]
    assert 2 == len(said[0])
    events = Cassette.load(project.cassette()).events
    assert [api] * 2 == [event.api for event in events]
    assert [False, True] == [event.request.stream for event in events]
    assert {"claude-x" if api == "messages" else "dep"} == {event.model for event in events}
    written = "".join(
        path.read_text() for path in project.path.rglob("*") if path.suffix in {".yaml", ".jsonl"}
    )
    assert not [secret for secret in (TOKEN, KEY) if secret in written]


PRESIGNED = """
import json, os, urllib.request

@pytest.mark.llm_cassette
def test_it():
    url = os.environ["CHAT_URL"].removesuffix("/v1")
    body = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
    request = urllib.request.Request(
        url + "/model/m/converse?X-Amz-Credential=AKIA2OGYBAH6STPLUVXQ%2F20261129%2Fus-east-1"
        "&X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6&X-Amz-Security-Token=IQoJb3JpZ2luX2Vj"
        "&key=AIzaSyD4q8Xk2Lm9Nv7Bc3Wz5Yt1Rp6Gh0Jf8Ks",
        data=json.dumps(body).encode(),
        headers={
            "content-type": "application/json",
            "authorization": "AWS4-HMAC-SHA256 Credential=AKIA2OGYBAH6STPLUVXQ/x, "
            "Signature=5d672d79",
            "x-amz-security-token": "IQoJb3JpZ2luX2Vj",
            "x-goog-api-key": "AIzaSyD4q8Xk2Lm9Nv7Bc3Wz5Yt1Rp6Gh0Jf8Ks",
        },
    )
    with urllib.request.urlopen(request) as answer:
        assert "jobs" in answer.read().decode()
"""
SECRETS = ("AKIA2OGYBAH6", "5d672d79", "IQoJb3JpZ2lu", "AIzaSyD4q8", "AWS4-HMAC")


def test_credentials_in_a_query_reach_no_file(project: Project) -> None:
    """A presigned URL, Google's `?key=`, and the headers that say the same; the call plays."""
    project.tests(PRESIGNED)
    project.server.next(raw(json.dumps(CONVERSE).encode()))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    (seen,) = project.server.seen
    assert all(secret in str((seen.path, seen.headers)) for secret in SECRETS)
    text = project.cassette().read_text()
    assert [] == [secret for secret in SECRETS if secret in text]
    assert "REDACTED" in text
