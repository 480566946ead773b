"""A real model server and the real SDKs: recorded, played back without it, replayed against it.

Sixteen ways to ask: OpenAI's and Anthropic's SDK, blocking and asynchronous, whole and streamed,
for words and for a tool call. They are recorded once for this file, by pytest in a process of
its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from projects import Project

pytest.importorskip("xllamacpp", reason="no build for this platform")

from servers.llama_model import write_model
from servers.llama_server import LlamaServer, LlamaServers

from pytest_llmreplay import Cassette
from pytest_llmreplay.event import StreamBody

ASKING = '''
import asyncio
import os

import anthropic
import openai
import pytest

TOOL = {
    "name": "refund_order",
    "description": "Refund it.",
    "parameters": {
        "type": "object",
        "properties": {"reason": {"type": "string", "enum": ["damaged", "late", "unwanted"]}},
        "required": ["reason"],
    },
}
SCHEMA = TOOL["parameters"]
CHAT = {"base_url": os.environ["CHAT_URL"], "api_key": "none", "max_retries": 0}
CLAUDE = {"base_url": os.environ["MESSAGES_URL"], "api_key": "none", "max_retries": 0}
STREAM = {"stream": True, "stream_options": {"include_usage": True}}
WAYS = ["plain", "streamed", "async_plain", "async_streamed"]


def asked(model, text, **more):
    """The request of both SDKs; the server's own temperature is 0."""
    messages = [{"role": "user", "content": text}]
    return {"model": model, "messages": messages, "max_tokens": 60, **more}


def tool_for_chat():
    return {"tools": [{"type": "function", "function": TOOL}], "tool_choice": "required"}


def tool_for_messages():
    tool = {"name": TOOL["name"], "description": TOOL["description"], "input_schema": SCHEMA}
    return {"tools": [tool], "tool_choice": {"type": "any"}}


def chat(way, **request):
    """What OpenAI's SDK says was answered: words, or name and arguments of the call."""
    if way.startswith("async"):
        return asyncio.run(achat(way, **request))
    with openai.OpenAI(**CHAT) as client:
        if way == "plain":
            return said(client.chat.completions.create(**request).choices[0].message)
        return joined(list(client.chat.completions.create(**STREAM, **request)))


async def achat(way, **request):
    async with openai.AsyncOpenAI(**CHAT) as client:
        if way == "async_plain":
            answer = await client.chat.completions.create(**request)
            return said(answer.choices[0].message)
        chunks = await client.chat.completions.create(**STREAM, **request)
        return joined([chunk async for chunk in chunks])


def said(message):
    if message.tool_calls:
        return message.tool_calls[0].function.name + message.tool_calls[0].function.arguments
    return message.content


def joined(chunks):
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    calls = [call.function for delta in deltas for call in delta.tool_calls or []]
    if calls:
        return "".join((call.name or "") + (call.arguments or "") for call in calls)
    return "".join(delta.content or "" for delta in deltas)


def claude(way, **request):
    """The same of Anthropic's SDK."""
    if way.startswith("async"):
        return asyncio.run(aclaude(way, **request))
    with anthropic.Anthropic(**CLAUDE) as client:
        if way == "plain":
            return block(client.messages.create(**request))
        with client.messages.stream(**request) as stream:
            return block(stream.get_final_message())


async def aclaude(way, **request):
    async with anthropic.AsyncAnthropic(**CLAUDE) as client:
        if way == "async_plain":
            return block(await client.messages.create(**request))
        async with client.messages.stream(**request) as stream:
            return block(await stream.get_final_message())


def block(message):
    first = message.content[0]
    return first.name + str(first.input["reason"]) if first.type == "tool_use" else first.text
'''

WORDS = """
from asking import *

@pytest.mark.parametrize("way", WAYS)
@pytest.mark.llm_cassette
def test_chat(way):
    answer = chat(way, **asked("tiny", f"What lies behind door {WAYS.index(way)}?"))
    assert 3 <= len(answer.split())

@pytest.mark.parametrize("way", WAYS)
@pytest.mark.llm_cassette
def test_messages(way):
    answer = claude(way, **asked("tiny", f"Who lives in house {WAYS.index(way)}?"))
    assert 3 <= len(answer.split())
"""

CALLS = """
from asking import *

@pytest.mark.parametrize("way", WAYS)
@pytest.mark.llm_cassette
def test_chat(way):
    call = chat(way, **asked("tools", "The tent is torn.", **tool_for_chat()))
    assert call.startswith("refund_order")

@pytest.mark.parametrize("way", WAYS)
@pytest.mark.llm_cassette
def test_messages(way):
    call = claude(way, **asked("tools", "The tent is torn.", **tool_for_messages()))
    assert call.startswith("refund_order")
"""

NO_CLOCK = [f"--llm-check={spec}" for spec in ("text", "tool_calls", "finish_reason", "tokens<=2x")]
"""`exact` without its latency: the machine of the tests may be busy."""


def environment(server: LlamaServer) -> dict[str, str]:
    """The process environment of an application that talks to a server, without any key."""
    kept = {name: value for name, value in os.environ.items() if "API_KEY" not in name}
    return kept | {"CHAT_URL": server.openai, "MESSAGES_URL": server.anthropic, "COLUMNS": "100"}


@pytest.fixture(scope="module")
def recorded(llama_servers: LlamaServers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose sixteen tests were recorded with the real servers."""
    path = tmp_path_factory.mktemp("recorded")
    for name, text in {"asking.py": ASKING, "test_words.py": WORDS, "test_calls.py": CALLS}.items():
        (path / name).write_text(text)
    (path / "pyproject.toml").write_text("")
    for name, model in {"test_words.py": "tiny", "test_calls.py": "tools"}.items():
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--llm-record", name],
            cwd=path,
            env=environment(llama_servers(model)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "8 passed" in done.stdout, done.stdout + done.stderr
    return path


@pytest.fixture
def real(project: Project, recorded: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of it; the application's addresses lead nowhere, and there is no key."""
    shutil.copytree(recorded, project.path, dirs_exist_ok=True)
    monkeypatch.syspath_prepend(str(project.path))
    for name in [name for name in os.environ if name.endswith(("API_KEY", "BASE_URL"))]:
        monkeypatch.delenv(name)
    return project


def replay(
    project: Project, file: str, server: LlamaServer, *more: str, model: str = "same"
) -> pytest.RunResult:
    """Replay the cassettes of a test file against a server."""
    models = ["--llm-model", model, "--llm-base-url", server.openai]
    return project.run("--llm-replay", file, *models, "--llm-concurrency=2", *NO_CLOCK, *more)


def test_sixteen_ways_are_recorded_with_what_they_took(recorded: Path) -> None:
    """Each cassette holds its call, the tokens that the server counted and the time it took."""
    paths = sorted((recorded / "cassettes").rglob("*.yaml"))
    events = [Cassette.load(path).events[0] for path in paths]
    assert {("chat_completions", 8), ("messages", 8)} == set(Counter(e.api for e in events).items())
    for path, event in zip(paths, events, strict=True):
        measured, streamed = event.measured, "streamed" in path.name
        assert 0 < (measured.duration or 0) < 60
        assert (measured.time_to_first_chunk is not None) == streamed
        assert streamed == isinstance(event.exchange.response.body, StreamBody)
        assert 0 < (measured.input_tokens or 0)
        assert 0 < (measured.output_tokens or 0) <= 60
        if path.parent.name == "test_calls":
            assert ["refund_order"] == [call.name for call in event.response.tool_calls]
        else:
            assert 3 <= len(event.response.text.split())


@pytest.mark.parametrize(("file", "model"), [("test_words.py", "tiny"), ("test_calls.py", "tools")])
def test_playback_sends_nothing(
    real: Project,
    llama_servers: LlamaServers,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    model: str,
) -> None:
    """With the server in reach, all eight are answered from the cassette: it reads no token."""
    server = llama_servers(model)
    monkeypatch.setenv("CHAT_URL", server.openai)
    monkeypatch.setenv("MESSAGES_URL", server.anthropic)
    before = server.tokens_read
    real.run(file).assert_outcomes(passed=8)
    assert before == server.tokens_read


def test_playback_needs_no_server(
    real: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After the server has ended, its address refuses connections and the tests still pass."""
    write_model(tmp_path / "tiny.gguf", "tiny")
    with LlamaServer(tmp_path / "tiny.gguf") as server:
        url = server.url
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url, timeout=5)
    monkeypatch.setenv("CHAT_URL", f"{url}/v1")
    monkeypatch.setenv("MESSAGES_URL", url)
    real.run().assert_outcomes(passed=16)


@pytest.mark.parametrize(("file", "model"), [("test_words.py", "tiny"), ("test_calls.py", "tools")])
def test_the_same_model_passes(
    real: Project, llama_servers: LlamaServers, file: str, model: str
) -> None:
    """At temperature 0 every answer is the recorded one; no key is needed on loopback.

    The server did read the prompts, and the summary shows what was measured. It closes connections
    after streams; that costs no retry.
    """
    server = llama_servers(model)
    before = server.tokens_read
    result = replay(real, file, server, "--llm-retries=0")
    result.assert_outcomes(passed=8)
    assert before < server.tokens_read
    result.stdout.fnmatch_lines(
        [
            f"*same  127.0.0.1:{server.url.rpartition(':')[2]}  8 calls",
            "*latency*[1-9]*",
            "*tokens*[1-9]*",
            "*8 calls*",
        ]
    )


def test_the_recordings_hold_against_themselves(real: Project) -> None:
    """The self-check is offline and passes, though a clock has nothing to judge there."""
    result = real.run("--llm-replay", *NO_CLOCK)
    result.assert_outcomes(passed=16)
    result.stdout.fnmatch_lines(["*nothing was sent*"])


@pytest.mark.parametrize(("model", "fewest"), [("nudged", 1), ("other", 6)])
def test_another_model_diverges(
    real: Project, llama_servers: LlamaServers, model: str, fewest: int
) -> None:
    """Some answers of the next version differ, most of a stranger do; each says where."""
    result = replay(real, "test_words.py", llama_servers(model))
    outcomes = result.parseoutcomes()
    assert fewest <= outcomes["failed"] <= 8
    assert 8 == outcomes["failed"] + outcomes.get("passed", 0)
    result.stdout.fnmatch_lines(
        [
            "text: *",
            "*cassettes/test_words/test_*.yaml:*",
            "*recorded   tiny*",
            "*replayed   same*",
            "*accept     pytest-llmreplay accept run-*",
            "*let go     checks: [[]*warn:text*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_another_model_calls_no_tool(real: Project, llama_servers: LlamaServers) -> None:
    """A model whose answer begins in words is held to its grammar, but says other arguments."""
    result = replay(real, "test_calls.py", llama_servers("other"), "-k", "plain")
    assert result.parseoutcomes()["failed"]
    result.stdout.fnmatch_lines(["*tool_calls: *", "*refund_order*"])


def test_a_server_that_wants_a_key(
    real: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without its key every call is an error in the server's words; with it, all pass."""
    write_model(tmp_path / "tiny.gguf", "tiny")
    with LlamaServer(tmp_path / "tiny.gguf", key="key-of-the-test") as server:
        before = server.tokens_read
        refused = replay(real, "test_words.py", server)
        refused.assert_outcomes(failed=8)
        assert before == server.tokens_read
        real.write(
            "llmreplay.yaml",
            f"targets: {{keyed: {{base_url: {server.openai}, api_key_env: TINY_KEY}}}}",
        )
        monkeypatch.setenv("TINY_KEY", "key-of-the-test")
        target = ["--llm-model", "keyed", "--llm-concurrency=2", *NO_CLOCK]
        allowed = real.run("--llm-replay", "test_words.py", *target)
    refused.stdout.fnmatch_lines(["error: *401*Invalid API Key*"])
    allowed.assert_outcomes(passed=8)
    assert "key-of-the-test" not in allowed.stdout.str() + refused.stdout.str()


def test_what_the_server_refuses_is_an_error(real: Project, llama_servers: LlamaServers) -> None:
    """A genuine error of the server fails the event, with its status and its own words."""
    more = ["-k", "test_chat and plain", "--llm-set", "n=0"]
    result = replay(real, "test_words.py", llama_servers("tiny"), *more)
    result.assert_outcomes(failed=2, deselected=6)
    said = unwrapped(result)
    assert "400" in said
    assert "Value must be between 1 <= value <= 2, but got 0" in said


def test_what_breaks_in_the_server_is_tried_again_and_is_an_error(
    real: Project, llama_servers: LlamaServers, recorded: Path
) -> None:
    """A genuine HTTP 500, here because the model cannot see, has its retries and its words."""
    cassette = Path("cassettes/test_words/test_chat[plain].yaml")
    image = "[{type: image_url, image_url: {url: 'data:image/png;base64,AAAA'}}]"
    text = (recorded / cassette).read_text()
    real.write(str(cassette), text.replace("What lies behind door 0?", image))
    more = ["--llm-retries=1"]
    result = replay(real, str(cassette), llama_servers("tiny"), *more)
    result.assert_outcomes(failed=1)
    said = unwrapped(result)
    assert "500" in said
    assert "image input is not supported" in said
    assert "(attempt 2)" in said


def unwrapped(result: pytest.RunResult) -> str:
    """What was printed, without line ends and gutters, and without any traceback."""
    said = re.sub(r"[\s\u2502]+", " ", result.stdout.str())
    assert "Traceback" not in said
    return said
