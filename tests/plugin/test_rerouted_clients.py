"""Clients of tests that run against another target: tried again, in workers, without an SDK."""

from __future__ import annotations

import pytest
from projects import Project
from servers.provider_server import ProviderServer, fails


def test_workers_stream_and_try_again(project: Project, target: ProviderServer) -> None:
    """A stream that was refused at first is asked for again, under pytest-xdist too."""
    pytest.importorskip("xdist")
    project.tests(
        """
        @pytest.mark.parametrize("n", range(4))
        def test_it(n):
            assert f"Echo: {n}" == "".join(stream(str(n)))
        """
    )
    target.next(fails(429, retry_after=0.01), fails(429, retry_after=0.01))
    result = project.run_apart(
        "-n2", "--llm-replay-tests", "--llm-base-url", target.url, "--llm-model", "openai/tiny"
    )
    assert {"passed": 4} == result.parseoutcomes()
    assert 6 == len(target.seen)
    result.stdout.fnmatch_lines(["6 calls to openai/tiny*2 without an answer*"])


def test_clients_without_an_sdk_read_live_bodies(project: Project, target: ProviderServer) -> None:
    """The lines of a stream, from requests and from aiohttp."""
    pytest.importorskip("requests")
    pytest.importorskip("aiohttp")
    project.tests(
        """
        import json

        import aiohttp
        import requests

        URL = os.environ["MESSAGES_URL"] + "/v1/messages"
        ASK = {
            "model": "claude-x",
            "max_tokens": 9,
            "stream": True,
            "messages": [{"role": "user", "content": "x"}],
        }

        def words(lines):
            events = [json.loads(line[5:]) for line in lines if line.startswith(b"data:")]
            assert "message_stop" == events[-1]["type"]
            return "".join(event.get("delta", {}).get("text", "") for event in events)

        def test_requests():
            with requests.post(URL, json=ASK, stream=True, timeout=9) as answer:
                assert "Echo: x" == words(list(answer.iter_lines()))

        def test_aiohttp():
            async def lines():
                async with aiohttp.ClientSession() as session:
                    async with session.post(URL, json=ASK) as answer:
                        return [line async for line in answer.content]

            assert "Echo: x" == words(asyncio.run(lines()))
        """
    )
    target_options = ("--llm-base-url", target.url, "--llm-model", "openai/tiny")
    result = project.run("--llm-replay-tests", *target_options)
    assert {"passed": 2} == result.parseoutcomes()
    assert {"/v1/chat/completions"} == {seen.path for seen in target.seen}
