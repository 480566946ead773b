"""E4, T9: neither key nor prompt follows a redirect."""

from __future__ import annotations

import itertools

import pytest
from projects import Project
from servers.provider_server import ProviderServer, redirects
from threats.threat_cassettes import document, header, question

STATUSES = (301, 302, 303, 307, 308)
STYLES = ("bearer", "x-api-key", "api-key", "x-goog-api-key")
NEEDLE = "needle-of-the-key"


@pytest.mark.parametrize("api", ["chat_completions", "messages"])
def test_the_second_host_sees_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    """Five statuses, four ways to carry a key, both SDKs: an error that names the other host."""
    monkeypatch.setenv("MY_KEY", NEEDLE)
    chat = api == "chat_completions"
    base = project.server.openai if chat else project.server.anthropic
    provider = "openai" if chat else "anthropic"
    lines = [
        f"  {style}: {{provider: {provider}, model: m, base_url: {base}, api_key_env: MY_KEY, "
        f"auth: {style}}}"
        for style in STYLES
    ]
    project.write("llmreplay.yaml", "\n".join(["targets:", *lines, ""]))
    body = question(max_tokens=5)
    events = "".join(document(place, api=api, body=body) for place in range(1, 6))
    project.cassette().parent.mkdir(parents=True)
    project.cassette().write_text(header() + events)
    path = "/v1/chat/completions" if chat else "/v1/messages"
    with ProviderServer() as evil:
        there = f"http://localhost:{evil.port}{path}"
        pairs = itertools.product(STYLES, STATUSES)
        project.server.next(*[redirects(there, status=status) for _, status in pairs])
        models = [f"--llm-model={style}" for style in STYLES]
        result = project.run("--llm-replay", "--llm-concurrency=1", *models)
        assert [] == evil.seen
    result.assert_outcomes(failed=20)
    assert 20 == len(project.server.seen)
    assert all(NEEDLE in str(seen.headers) for seen in project.server.seen)
    said = " ".join(result.stdout.str().split())
    for status in STATUSES:
        assert f"the server answered {status} and points elsewhere to 'localhost'" in said
    assert NEEDLE not in said


def test_a_recorded_redirect_plays_and_leads_to_no_other_host(project: Project) -> None:
    """The answer behind it is found again; a host that an edited cassette names sees nothing."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            assert chat("hello") == "Echo: hello"
    """
    )
    with ProviderServer() as other:
        project.server.next(redirects(f"{other.url}/proxy/v1/chat/completions?token={NEEDLE}"))
        project.record().assert_outcomes(passed=1)
        assert 1 == len(other.seen)
        other.reset()
        text = project.cassette().read_text()
        assert "location: /proxy/v1/chat/completions" in text
        assert NEEDLE not in text
        project.run().assert_outcomes(passed=1)
        for place in (f"{other.url}/proxy", f"//127.0.0.1:{other.port}/proxy", "http://[::1"):
            edited = text.replace("location: /proxy", f"location: {place}")
            project.cassette().write_text(edited)
            project.run()
        assert [] == other.seen
