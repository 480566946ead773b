"""boto3's `bedrock-runtime`: one call is one event, and plays offline."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from aws_projects import SIGNATURE, BedrockProject
from servers.bedrock import bedrock

from pytest_llmreplay import Cassette

pytest.importorskip("boto3")

CLIENT = """
import boto3

def client():
    return boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=os.environ["BEDROCK_URL"]
    )
"""
TEST = """
@pytest.mark.llm_cassette
def test_it():
    bedrock = client()
    answer = bedrock.converse(modelId=MODEL, messages=MESSAGES)
    print("SAID", answer["output"]["message"], answer["stopReason"], answer["usage"])
    print("SAID", texts(bedrock.converse_stream(modelId=ARN, messages=MESSAGES)["stream"]))
    answer = bedrock.invoke_model(modelId=MODEL, body=CLAUDE)
    print("SAID", json.loads(answer["body"].read()))
    stream = bedrock.invoke_model_with_response_stream(modelId=MODEL, body=CLAUDE)["body"]
    print("SAID", inner(stream))
"""


def test_the_four_calls_play_offline(aws: BedrockProject, proves: Callable[..., None]) -> None:
    """Whole and streamed answers of both APIs; nothing of the signature reaches the file."""
    aws.asks(TEST, CLIENT)
    text = aws.recorded_then_played()
    events = Cassette.load(aws.cassette()).events
    assert ["converse", "converse", "messages", "messages"] == [event.api for event in events]
    assert ["The jobs argument."] * 4 == [event.response.text for event in events]
    assert [] == [sign for sign in SIGNATURE if sign in text]
    proves("boto3", events)


HOOK = """
import os
import boto3

def pytest_llmreplay_client(target, provider, api):
    if target == "same":
        return boto3.client(
            "bedrock-runtime", region_name="us-east-1", endpoint_url=os.environ["BEDROCK_URL"]
        )
"""


def test_a_client_of_the_user_s_signs_a_replay(aws: BedrockProject) -> None:
    """The hook gives it; each of the four calls goes out again, under its model, and signed."""
    aws.asks(TEST, CLIENT)
    aws.server.next(*[bedrock] * 4)
    aws.record().assert_outcomes(passed=1)
    aws.write("conftest.py", f"import sys, pathlib\nsys.path.insert(0, '.')\n{HOOK}")
    aws.server.next(*[bedrock] * 4)
    ran = aws.run("--llm-replay", "--llm-model=same", "--llm-check=text", "--llm-concurrency=1")
    ran.assert_outcomes(passed=4)
    before, after = aws.server.seen[:4], aws.server.seen[4:]
    assert sorted(unquote(seen.path) for seen in before) == sorted(
        unquote(seen.path) for seen in after
    )
    assert all("AWS4-HMAC-SHA256" in seen.headers["authorization"] for seen in after)
