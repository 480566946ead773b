"""T8: wherever a file writes a host or a variable, no key goes there, and the run says so.

`127.1` is this machine, as the system resolves it, and no loopback address to those who read it:
a host that would answer if anything were sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from projects import Project
from servers.provider_server import ProviderServer, raw
from threats.threat_cassettes import document, header, question

from pytest_llmreplay.providers.endpoints.table import PROVIDERS

NEEDLE = "needle-of-the-key"
KEYS = {
    provider.name: provider.key_variables[0]
    for provider in PROVIDERS
    if provider.key_variables and (not provider.base_urls or "chat_completions" in provider.apis)
}


@pytest.fixture
def evil() -> Iterator[ProviderServer]:
    """A server that nobody named."""
    with ProviderServer() as server:
        yield server


@pytest.fixture
def fork(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with events in both formats, run by somebody who has all keys."""
    for provider in PROVIDERS:
        for variable in provider.key_variables:
            monkeypatch.setenv(variable, f"{NEEDLE}-{variable}")
        for variable in provider.base_url_variables:
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", f"{NEEDLE}-GITHUB_TOKEN")
    events = document(1, body=question(max_tokens=5))
    events += document(2, body=question(max_tokens=5), api="messages", provider="anthropic")
    project.cassette().parent.mkdir(parents=True)
    project.cassette().write_text(header() + events)
    return project


def refused(result: pytest.RunResult, *named: str) -> None:
    """The run was stopped before its first call; names are told and values are not."""
    said = result.stdout.str() + result.stderr.str()
    assert pytest.ExitCode.USAGE_ERROR == result.ret, said
    assert NEEDLE not in said
    assert "Traceback" not in said
    for name in named:
        assert name in result.stderr.str()


@pytest.mark.parametrize("provider", KEYS)
def test_a_config_file_of_a_fork(fork: Project, evil: ProviderServer, provider: str) -> None:
    """A host with a variable, for every provider: the message names both."""
    variable, host = KEYS[provider], f"127.1:{evil.port}"
    fork.write(
        "llmreplay.yaml",
        f"targets: {{t: {{provider: {provider}, model: m, base_url: 'http://{host}/v1', "
        f"api_key_env: {variable}}}}}",
    )
    refused(fork.run("--llm-replay", "--llm-model=t"), host, variable, "LLMREPLAY_TRUST")
    assert [] == evil.seen


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("base_url: 'http://127.1:{port}/v1'", ("127.1:{port}",)),
        (
            "base_url: 'http://127.0.0.1:{port}/v1', api_key_env: OPENAI_API_KEY",
            ("OPENAI_API_KEY",),
        ),
        ("api_key_env: GITHUB_TOKEN", ("api.openai.com", "GITHUB_TOKEN")),
        ("base_url: 'https://user:{needle}@127.1:{port}/v1'", ("cannot be used",)),
        ("base_url: 'https://api.openai.com@127.1:{port}/v1'", ("cannot be used",)),
        ("headers: {{x: y}}", ("unknown key 'headers'",)),
        ("proxy: 'http://127.0.0.1:{port}'", ("unknown key 'proxy'",)),
        ("base_url: 'http://127.0.0.1:{port}/v1', auth: basic", ("auth 'basic'",)),
    ],
)
def test_every_key_of_a_config_file(
    fork: Project, evil: ProviderServer, entry: str, named: tuple[str, ...]
) -> None:
    """Whatever a target of a file says, a key goes to its own provider or nowhere."""
    known = {"port": evil.port, "needle": NEEDLE}
    said = entry.format(**known)
    fork.write("llmreplay.yaml", f"targets: {{t: {{provider: openai, model: m, {said}}}}}")
    result = fork.run("--llm-replay", "--llm-model=t")
    refused(result, *[name.format(**known) for name in named])
    assert [] == evil.seen


@pytest.mark.parametrize("model", ["same", "openai/m", "anthropic/m"])
def test_addopts_of_a_fork(fork: Project, evil: ProviderServer, model: str) -> None:
    """What the ini file adds to the command line was typed by nobody."""
    host = f"127.1:{evil.port}"
    fork.write("pytest.ini", f"[pytest]\naddopts = --llm-base-url=http://{host}/v1\n")
    refused(fork.run("--llm-replay", "--llm-model", model), host, "--llm-base-url in addopts")
    assert [] == evil.seen


def test_a_server_on_this_machine_gets_no_key(fork: Project, evil: ProviderServer) -> None:
    """A loopback address that a file proposes is asked, with a placeholder for a key."""
    fork.write("pytest.ini", f"[pytest]\naddopts = --llm-base-url={evil.openai}\n")
    result = fork.run("--llm-replay", "--llm-model=same", "--llm-check=answered")
    assert {"changed": 2} == result.parseoutcomes()
    assert 2 == len(evil.seen)
    assert NEEDLE not in str([(seen.headers, seen.body) for seen in evil.seen])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json", 401), ("text/html", 401), ("application/json", 200)],
)
def test_a_server_that_repeats_the_key(
    fork: Project,
    evil: ProviderServer,
    monkeypatch: pytest.MonkeyPatch,
    content_type: str,
    status: int,
) -> None:
    """As some do that refuse it: neither the terminal nor JUnit's file shows it."""
    monkeypatch.setenv("LLMREPLAY_TRUST", f"127.0.0.1:{evil.port}=OPENAI_API_KEY")
    key = f"{NEEDLE}-OPENAI_API_KEY"
    words = f"no such key: {key}"
    refusal = words if status == 200 else {"error": {"message": words, "type": "auth"}}
    body = json.dumps(refusal).encode()
    evil.next(*[raw(body, status=status, content_type=content_type)] * 2)
    url = f"--llm-base-url={evil.openai}"
    result = fork.run("--llm-replay", url, "-l", "--tb=long", "--junitxml=out.xml")
    assert f"Bearer {key}" == evil.seen[0].headers["authorization"]
    result.stdout.fnmatch_lines(["*no such key: [*][*][*]*"])
    assert NEEDLE not in result.stdout.str() + (fork.path / "out.xml").read_text()


@pytest.mark.parametrize("model", ["openai/tiny", "anthropic/tiny"])
def test_a_target_of_tests_that_repeats_the_key(
    fork: Project, evil: ProviderServer, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """The client of the test is told without it, also where the refusal is converted."""
    monkeypatch.setenv("LLMREPLAY_TRUST", f"127.0.0.1:{evil.port}=OPENAI_API_KEY")
    key = f"{NEEDLE}-OPENAI_API_KEY"
    refusal = json.dumps({"error": {"message": f"no such key: {key}", "type": "auth"}}).encode()
    evil.next(raw(refusal, status=401, content_type="application/json"))
    fork.tests('def test_it():\n    assert chat("x")\n')
    at = ("--llm-base-url", evil.url, "--llm-model", model)
    result = fork.run("--llm-replay-tests", *at, "-l", "--tb=long")
    assert f"Bearer {key}" == evil.seen[0].headers["authorization"]
    result.stdout.fnmatch_lines(["*AuthenticationError*no such key: [*][*][*]*"])
    assert NEEDLE not in result.stdout.str()


def test_a_url_in_a_cassette_is_never_asked(fork: Project, evil: ProviderServer) -> None:
    """The recorded host is no target; an unknown provider has no address."""
    text = document(1, url=f"{evil.openai}/chat/completions", provider="local")
    fork.cassette().write_text(header() + text)
    result = fork.run("--llm-replay", "--llm-model=same")
    assert [] == evil.seen
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error: *is a server of your own*"])
