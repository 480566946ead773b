"""boto3's `bedrock-runtime`: one call is one event, and plays offline."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_projects import SIGNATURE, BedrockProject

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
