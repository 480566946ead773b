"""aiobotocore, on whichever HTTP client it was built: one call is one event, not two."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest
from aws_projects import SIGNATURE, BedrockProject

from pytest_llmreplay import Cassette

pytest.importorskip("aiobotocore")

CLIENT = """
import asyncio
import aiobotocore.config, aiobotocore.session
from aiobotocore.{module} import {session}

def client():
    config = aiobotocore.config.AioConfig(http_session_cls={session})
    return aiobotocore.session.get_session().create_client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=os.environ["BEDROCK_URL"],
        config=config,
    )
"""
WHOLE = """
        answer = await bedrock.converse(modelId=MODEL, messages=MESSAGES)
        print("SAID", answer["output"]["message"], answer["stopReason"], answer["usage"])
        answer = await bedrock.invoke_model(modelId=MODEL, body=CLAUDE)
        print("SAID", json.loads(await answer["body"].read()))
"""
STREAMED = """
        answer = await bedrock.converse_stream(modelId=ARN, messages=MESSAGES)
        print("SAID", texts([event async for event in answer["stream"]]))
        answer = await bedrock.invoke_model_with_response_stream(modelId=MODEL, body=CLAUDE)
        print("SAID", inner([event async for event in answer["body"]]))
"""
TEST = """
async def ask():
    async with client() as bedrock:
        pass
{calls}

@pytest.mark.llm_cassette
def test_it():
    asyncio.run(ask())
"""


@pytest.mark.parametrize(
    ("library", "session", "calls"),
    [
        ("aiohttp", "httpsession.AIOHTTPSession", WHOLE + STREAMED),
        # Its event streams read aiohttp's responses alone (aiobotocore/eventstream.py).
        ("httpx", "httpxsession.HttpxSession", WHOLE),
    ],
)
def test_every_call_is_one_event_and_plays_offline(
    aws: BedrockProject,
    proves: Callable[..., None],
    library: str,
    session: str,
    calls: str,
) -> None:
    """Whole and streamed answers of both APIs; nothing of the signature reaches the file."""
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    module, _, name = session.partition(".")
    aws.asks(TEST.format(calls=calls), CLIENT.format(module=module, session=name))
    count = calls.count("SAID")
    text = aws.recorded_then_played(count)
    events = Cassette.load(aws.cassette()).events
    assert ["The jobs argument."] * count == [event.response.text for event in events]
    assert {"converse", "messages"} == {event.api for event in events}
    assert [] == [sign for sign in SIGNATURE if sign in text]
    proves(f"aiobotocore on {library}", events, awaited=True)
