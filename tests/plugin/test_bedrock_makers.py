"""Bedrock's invoke through botocore, for the models of every maker."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import botocore.session
import pytest
from aws_projects import BedrockProject
from plugin.test_bedrock import CLIENT
from providers.makers import MAKERS, SAID, words_of
from servers.bedrock import HEADERS, STREAM_HEADERS, chunk, frames
from servers.exchange import Exchange

from pytest_llmreplay import Cassette, Event

assert botocore.session  # once for all: every project's own import of it would take seconds

STREAMING = {made.model: made for made in MAKERS.values() if made.pieces}
COUNTED = HEADERS | {
    "x-amzn-bedrock-input-token-count": "11",
    "x-amzn-bedrock-output-token-count": "7",
}
ASKED = json.dumps({made.model: made.asked for made in STREAMING.values()})
TEST = f"""
ASKED = json.loads({ASKED!r})

@pytest.mark.llm_cassette
@pytest.mark.parametrize("stream", [False, True])
def test_it(stream):
    bedrock = client()
    for model, body in ASKED.items():
        if stream:
            answer = bedrock.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))
            print("SAID", inner(answer["body"]))
        else:
            answer = bedrock.invoke_model(modelId=model, body=json.dumps(body))
            print("SAID", json.loads(answer["body"].read()))
"""
CALLS = 2 * len(STREAMING)


async def makers(exchange: Exchange) -> None:
    """Answer as the maker of the model does."""
    _, _, model, ending = unquote(exchange.seen.path).rsplit("/", 3)
    made = STREAMING[model]
    if ending == "invoke":
        await exchange.plain(json.dumps(made.answer).encode(), headers=COUNTED)
    else:
        await exchange.chunked(frames(*map(chunk, made.pieces)), headers=STREAM_HEADERS)


@pytest.fixture
def recorded(aws: BedrockProject) -> BedrockProject:
    """A project with a cassette of whole answers and one of streams."""
    aws.asks(TEST, CLIENT)
    aws.server.next(*[makers] * CALLS)
    aws.record("-s").assert_outcomes(passed=2)
    assert CALLS == len(aws.server.seen)
    return aws


def files(project: BedrockProject) -> list[Path]:
    """The cassettes: of whole answers, and of streams."""
    return sorted((project.path / "cassettes").rglob("*.yaml"))


def events_in(project: BedrockProject) -> list[Event]:
    """What both of them hold."""
    return [event for path in files(project) for event in Cassette.load(path).events]


def test_every_maker_s_calls_are_read_and_play_offline(recorded: BedrockProject) -> None:
    """Words, tokens and endings of each, whole and in frames; `show` tells them."""
    events = events_in(recorded)
    assert {("invoke", SAID, 11, 7, "stop")} == {
        (
            event.api,
            event.response.text,
            event.usage.input_tokens,
            event.usage.output_tokens,
            event.response.finish_reason,
        )
        for event in events
    }
    assert [*STREAMING, *STREAMING] == [event.model for event in events]
    text = files(recorded)[1].read_text()
    assert len(STREAMING) == text.count(f"- text: {SAID}")
    played = recorded.run("-s")
    played.assert_outcomes(passed=2)
    assert CALLS == len(recorded.server.seen)


def test_a_recording_without_the_format_plays_as_ever(recorded: BedrockProject) -> None:
    """It says `other`, its key is the same, and it is not sent again."""
    for path in files(recorded):
        told = path.read_text()
        assert len(STREAMING) == told.count("\napi: invoke\n")
        told = told.replace("\napi: invoke\n", "\napi: other\n")
        path.write_text(re.sub(r"^answer:\n(?:- .*\n)+", "", told, flags=re.MULTILINE))
    assert {"other"} == {event.api for event in events_in(recorded)}
    recorded.run("-s").assert_outcomes(passed=2)
    assert CALLS == len(recorded.server.seen)


def test_every_maker_s_calls_replay_on_a_simulated_model(recorded: BedrockProject) -> None:
    """Each comes back as it was recorded."""
    ran = recorded.run("--llm-replay", "--llm-model", "simulated/steady")
    ran.assert_outcomes(passed=CALLS)
    worse = recorded.run("--llm-replay", "--llm-model", "simulated/refusal")
    worse.assert_outcomes(failed=CALLS)


def test_every_maker_s_calls_replay_at_a_model_of_another_format(
    recorded: BedrockProject,
) -> None:
    """Converted into chat completions, with the words of the user and the limit."""
    ran = recorded.replay("--llm-model", "openai/tiny", "--llm-check=answered")
    assert "failed" not in ran.parseoutcomes()
    sent = [seen.json for seen in recorded.server.seen[CALLS:]]
    assert CALLS == len(sent)
    assert {"tiny"} == {body["model"] for body in sent}
    assert all("What about jobs?" in json.dumps(body["messages"]) for body in sent)
    assert {100} == {body.get("max_tokens") or body["max_completion_tokens"] for body in sent}
    assert {False, True} == {bool(body.get("stream")) for body in sent}


HOOK = """
import sys; sys.path.insert(0, '.')
import app

def pytest_llmreplay_client(target, provider, api):
    return app.client()
"""


@pytest.mark.parametrize("target", ["same", "other"])
def test_a_client_of_the_user_s_sends_the_same_bodies(
    recorded: BedrockProject, target: str
) -> None:
    """To the recorded model, and to another one of which the config says how it is asked."""
    recorded.write("conftest.py", HOOK)
    model = "us.meta.llama3-8b-instruct-v1:0"
    recorded.write(
        "llmreplay.yaml",
        f"targets:\n  other: {{provider: bedrock, model: '{model}', api: invoke}}\n",
    )
    recorded.server.next(*[makers] * CALLS)
    ran = recorded.run("--llm-replay", "--llm-model", target, "--llm-concurrency=1")
    ran.assert_outcomes(passed=CALLS)
    before, after = recorded.server.seen[:CALLS], recorded.server.seen[CALLS:]
    bodies = [sorted(json.dumps(seen.json) for seen in sent) for sent in (before, after)]
    assert bodies[0] == bodies[1]
    models = {unquote(seen.path).rsplit("/", 2)[1] for seen in after}
    assert (set(STREAMING) if target == "same" else {model}) == models
    assert all("AWS4-HMAC-SHA256" in seen.headers["authorization"] for seen in after)


def test_a_re_routed_client_reads_its_own_maker_s_words(recorded: BedrockProject) -> None:
    """Whoever answers, whole and in frames."""
    told = recorded.run(
        "-s", "--llm-replay-tests", "--llm-base-url", recorded.server.openai,
        "--llm-model", "openai/tiny",
    )  # fmt: skip
    told.assert_outcomes(passed=2)
    said = [line for line in told.outlines if "SAID" in line]
    assert CALLS == len(said)
    half = len(STREAMING)
    for line, made in zip(said[:half], STREAMING.values(), strict=True):
        assert f"'{words_of(made.answer)[0]}'" in line
    for line, made in zip(said[half:], STREAMING.values(), strict=True):
        assert f"'{words_of(made.pieces[1])[0]}'" in line


def test_answers_edited_by_hand_play_in_their_makers_words(recorded: BedrockProject) -> None:
    """In frames, without the recorded stream."""
    path = files(recorded)[1]
    told = path.read_text().replace(f"- text: {SAID}", "- text: Nothing.")
    path.write_text(re.sub(r"(?ms)^  framing: .*?(?=^measured:)", "", told))
    played = recorded.run("-s", "-k", "True")
    played.assert_outcomes(passed=1)
    said = [line for line in played.outlines if "SAID" in line]
    for line, made in zip(said, STREAMING.values(), strict=True):
        assert f"'{words_of(made.pieces[1])[0]}': 'Nothing.'" in line
    assert CALLS == len(recorded.server.seen)
