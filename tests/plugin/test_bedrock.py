"""Bedrock through botocore: whole answers and frames, recorded, read, redacted and played."""

from __future__ import annotations

import json

import botocore.session
import pytest
from aws_projects import SIGNATURE, BedrockProject
from servers.bedrock import (
    CONVERSE_EVENTS,
    HEADERS,
    STREAM_HEADERS,
    bedrock,
    chunk,
    frame,
    frames,
)
from servers.exchange import Behaviour, Exchange

from pytest_llmreplay import Cassette
from pytest_llmreplay.event import HttpResponse, StreamBody

assert botocore.session  # once for all: every project's own import of it would take seconds

CLIENT = """
import botocore.config, botocore.session

def client(**options):
    return botocore.session.get_session().create_client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=os.environ["BEDROCK_URL"],
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
"""
FOUR = """
@pytest.mark.llm_cassette
def test_it():
    bedrock = client()
    answer = bedrock.converse(modelId=MODEL, messages=MESSAGES)
    print("SAID", answer["output"]["message"], answer["stopReason"], answer["usage"])
    stream = bedrock.converse_stream(modelId=ARN, messages=MESSAGES)["stream"]
    print("SAID", list(stream))
    answer = bedrock.invoke_model(modelId=MODEL, body=CLAUDE)
    print("SAID", json.loads(answer["body"].read()))
    stream = bedrock.invoke_model_with_response_stream(modelId=MODEL, body=CLAUDE)["body"]
    print("SAID", inner(stream))
"""
ONE_STREAM = """
@pytest.mark.llm_cassette
def test_it():
    pieces = []
    try:
        for event in client().converse_stream(modelId=MODEL, messages=MESSAGES)["stream"]:
            pieces.append(event)
    except Exception as error:
        pieces.append((type(error).__name__, str(error)))
    print("SAID", pieces)
"""


def sends(*pieces: bytes) -> Behaviour:
    """A stream of these pieces."""

    async def behave(exchange: Exchange) -> None:
        await exchange.chunked(pieces, headers=STREAM_HEADERS)

    return behave


def said_twice(aws: BedrockProject, *pieces: bytes) -> str:
    """What a test prints of one stream, live and played alike."""
    aws.asks(ONE_STREAM, CLIENT)
    aws.server.next(sends(*pieces))
    live, played = aws.record("-s"), aws.run("-s")
    live.assert_outcomes(passed=1)
    played.assert_outcomes(passed=1)
    assert 1 == len(aws.server.seen)
    said = [[line for line in run.outlines if "SAID" in line] for run in (live, played)]
    assert said[0] == said[1]
    return "\n".join(said[0])


def test_every_call_is_one_event_and_plays_offline(aws: BedrockProject) -> None:
    """Converse, invoke and their streams, of models by id and by ARN."""
    aws.asks(FOUR, CLIENT)
    text = aws.recorded_then_played()
    events = Cassette.load(aws.cassette()).events
    assert ["converse", "converse", "messages", "messages"] == [event.api for event in events]
    assert ["The jobs argument."] * 4 == [event.response.text for event in events]
    assert [18] * 4 == [
        (event.usage.input_tokens or 0) + (event.usage.output_tokens or 0) for event in events
    ]
    assert "us.anthropic.claude-sonnet-4-20250514-v1:0" == events[0].model
    assert (events[1].model or "").startswith("arn:aws:bedrock:us-east-1:")
    assert [False, True, False, True] == [event.request.stream for event in events]
    assert [] == [sign for sign in SIGNATURE if sign in text]


def test_what_the_service_calls_a_call_plays(aws: BedrockProject) -> None:
    """Botocore shows the id of the request, and users quote it; the header is back too."""
    aws.asks(
        """
@pytest.mark.llm_cassette
def test_it():
    bedrock = client()
    for answer in (
        bedrock.converse(modelId=MODEL, messages=MESSAGES),
        bedrock.converse_stream(modelId=MODEL, messages=MESSAGES),
        bedrock.invoke_model(modelId=MODEL, body=CLAUDE),
        bedrock.invoke_model_with_response_stream(modelId=MODEL, body=CLAUDE),
    ):
        told = answer["ResponseMetadata"]
        list(answer.get("stream") or answer.get("body") or ())
        shown = told["HTTPHeaders"]
        print("SAID", told["HTTPStatusCode"], shown["x-amzn-requestid"], shown["content-type"])
        assert told["RequestId"] == shown["x-amzn-requestid"]
""",
        CLIENT,
    )
    text = aws.recorded_then_played()
    assert 4 == text.count(f"request_id: {HEADERS['x-amzn-requestid']}")


def test_a_frame_is_a_line(aws: BedrockProject) -> None:
    """A reviewer reads type and JSON of each frame; what follows alike is its words alone."""
    aws.asks(FOUR, CLIENT)
    text = aws.recorded_then_played()
    assert "  framing: [aws-frames]\n  stream: |\n" in text
    lines = [" ".join(line.split()[1:]) for line in text.splitlines()]
    assert 'messageStart {"p":"abcd","role":"assistant"}' in lines
    first = 'contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"The "},"p":"abcdefgh"}'
    assert first in lines
    assert '"jobs " "abc"' in " ".join(lines[lines.index(first) + 1].split())
    assert 'chunk {"bytes":{"type":"message_stop"},"p":"abc"}' in lines
    answers = [event.exchange.response for event in Cassette.load(aws.cassette()).events]
    bodies = [answer.body for answer in answers if isinstance(answer, HttpResponse)]
    assert isinstance(bodies[1], StreamBody)
    assert frames(*CONVERSE_EVENTS) == [piece.data for piece in bodies[1].chunks]
    assert sorted({piece.at for piece in bodies[1].chunks}) == [c.at for c in bodies[1].chunks]


def test_an_error_plays_as_the_same_exception(aws: BedrockProject) -> None:
    """Botocore tells the class of an exception by a header."""
    aws.asks(
        """
@pytest.mark.llm_cassette
def test_it():
    bedrock = client()
    with pytest.raises(bedrock.exceptions.ThrottlingException, match="slower"):
        bedrock.converse(modelId=MODEL, messages=MESSAGES)
""",
        CLIENT,
    )

    async def refuses(exchange: Exchange) -> None:
        headers = {"x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/"}
        await exchange.json({"message": "slower"}, status=429, headers=headers)

    aws.server.next(refuses)
    aws.record().assert_outcomes(passed=1)
    aws.run().assert_outcomes(passed=1)
    assert 1 == len(aws.server.seen)


def test_an_exception_in_a_stream_plays(aws: BedrockProject) -> None:
    """It is a frame of its own kind, in the cassette too."""
    first, problem = frames(CONVERSE_EVENTS[0]), json.dumps({"message": "the model is gone"})
    failed = frame("modelStreamErrorException", problem.encode(), "exception")
    assert "EventStreamError" in said_twice(aws, *first, failed)
    text = aws.cassette().read_text()
    assert 'exception:modelStreamErrorException {"message": "the model is gone"}' in text
    assert "error: the model is gone" in text


def test_a_damaged_frame_is_one_clear_message(aws: BedrockProject) -> None:
    """The client raises its own error again; the answer in words says what was wrong."""
    first, second = frames(*CONVERSE_EVENTS[:2])
    damaged = second[:-1] + bytes([second[-1] ^ 1])
    assert "ChecksumMismatch" in said_twice(aws, first, damaged)
    text = aws.cassette().read_text()
    assert f"error: the event stream is damaged at byte {len(first)}: a checksum is wrong" in (
        text.replace("'", "")
    )


@pytest.mark.parametrize("packed", [False, True])
def test_a_secret_in_pieces_is_redacted(aws: BedrockProject, *, packed: bool) -> None:
    """What shows only across frames, also inside base64, is taken out; the frames stay whole."""
    halves = ("my key: sk-pr", "oj-Zq8LkT2vXwY4bN7mR1cD5fG9hJ3pS6tU8 thanks")
    if packed:
        events = [
            chunk({"type": "content_block_delta", "index": 0, "delta": {"text": half}})
            for half in halves
        ]
    else:
        events = [
            ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": half}, "p": "a"})
            for half in halves
        ]
    asked = 'converse_stream(modelId=MODEL, messages=MESSAGES)["stream"]'
    invoked = 'invoke_model_with_response_stream(modelId=MODEL, body=CLAUDE)["body"]'
    aws.asks(ONE_STREAM.replace(asked, invoked) if packed else ONE_STREAM, CLIENT)
    aws.server.next(sends(*frames(*events)))
    aws.record().assert_outcomes(passed=1)
    text = aws.cassette().read_text()
    assert "REDACTED" in text
    assert "bN7mR1cD5fG9" not in text
    assert "base64" not in text
    assert "thanks" in aws.run("-s").stdout.str()


def test_a_recorded_call_replays_on_a_simulated_model(aws: BedrockProject) -> None:
    """Each of the four comes back as it was recorded, whole or in frames."""
    aws.asks(FOUR, CLIENT)
    aws.server.next(*[bedrock] * 4)
    aws.record().assert_outcomes(passed=1)
    aws.run("--llm-replay", "--llm-model", "simulated/steady").assert_outcomes(passed=4)
    assert 4 == len(aws.server.seen)


@pytest.mark.parametrize("call", ["converse_stream", "invoke_model_with_response_stream"])
def test_an_answer_edited_by_hand_plays_in_frames(aws: BedrockProject, call: str) -> None:
    """Without its recorded stream, too, a client of Bedrock gets the frames that it reads."""
    asked = 'converse_stream(modelId=MODEL, messages=MESSAGES)["stream"]'
    invoked = f'{call}(modelId=MODEL, body=CLAUDE)["body"]'
    aws.asks(
        ONE_STREAM if call == "converse_stream" else ONE_STREAM.replace(asked, invoked), CLIENT
    )
    aws.server.next(bedrock)
    aws.record().assert_outcomes(passed=1)
    before, _, rest = aws.cassette().read_text().partition("  framing:")
    measured = rest[rest.index("measured:") :]
    edited = before.replace("The jobs argument.", "Nothing about jobs.") + measured
    aws.cassette().write_text(edited)
    played = aws.run("-s")
    played.assert_outcomes(passed=1)
    said = next(line for line in played.outlines if "SAID" in line)
    assert "Error" not in said
    assert "about " in said
    assert 1 == len(aws.server.seen)


def test_claude_on_bedrock_replays_at_anthropic(aws: BedrockProject) -> None:
    """What Bedrock took from the path Anthropic gets in the body; converse is converted."""
    aws.asks(FOUR, CLIENT)
    aws.server.next(*[bedrock] * 4)
    aws.record().assert_outcomes(passed=1)
    aws.replay("--llm-model", "anthropic/claude-sonnet-4-6")
    sent = [seen for seen in aws.server.seen[4:] if seen.path == "/v1/messages"]
    assert [False, False, True, True] == sorted(seen.streams for seen in sent)
    assert ["claude-sonnet-4-6"] * 4 == [seen.json["model"] for seen in sent]
    assert not any("anthropic_version" in seen.json for seen in sent)
