"""Real calls of the Responses API, to a real model server: recorded, played, replayed."""

from __future__ import annotations

import pytest
from projects import Project
from sdk_clients import needs

pytest.importorskip("xllamacpp", reason="no build for this platform")

from servers.llama_server import LlamaServers

pytestmark = needs(openai="1.92")

TEST = """
    CLIENT = {"api_key": "none", "base_url": os.environ["CHAT_URL"], "max_retries": 0}
    ASKED = {"model": "tiny", "max_output_tokens": 12, "temperature": 0}

    @pytest.mark.llm_cassette
    def test_it():
        with openai.OpenAI(**CLIENT) as client:
            plain = client.responses.create(input="What lies behind door 7?", **ASKED)
            pieces = client.responses.create(input="Who is there?", stream=True, **ASKED)
            words = "".join(e.delta for e in pieces if e.type == "response.output_text.delta")
        assert len(plain.output_text.split()) >= 3
        assert len(words.split()) >= 3
        print("SAID", repr(plain.output_text), repr(words), plain.id)
"""
NO_CLOCK = [f"--llm-check={spec}" for spec in ("text", "tool_calls", "finish_reason", "tokens<=2x")]
"""`exact` without its latency: the machine of the tests may be busy."""


def test_a_real_server_is_recorded_played_and_replayed(
    project: Project, llama_servers: LlamaServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same model holds, plain and streamed; another one diverges."""
    tiny = llama_servers("tiny")
    monkeypatch.setenv("CHAT_URL", tiny.openai)
    project.tests(TEST)
    live = project.record("-s", "-vv")
    live.assert_outcomes(passed=1)
    read = tiny.tokens_read
    played = project.run("-s", "-vv")
    played.assert_outcomes(passed=1)
    assert read == tiny.tokens_read
    said = [line for line in live.outlines if "SAID" in line]
    assert said
    assert said == [line for line in played.outlines if "SAID" in line]
    sent = ("--llm-replay", "--llm-model", "same", "--llm-base-url")
    project.run(*sent, tiny.openai, *NO_CLOCK).assert_outcomes(passed=2)
    other = project.run(*sent, llama_servers("other").openai, *NO_CLOCK)
    assert other.parseoutcomes()["failed"] >= 1
