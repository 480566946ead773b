"""T15: data goes to nobody whom the project does not allow, whoever names a target."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judges import config, judging, sound
from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import ProviderServer

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.targets.allowed import Allowed

KEY = "sk-test-0123456789abcdef0123"
TEST = """
    def test_it():
        assert chat("hello")
"""


@pytest.fixture
def other() -> Iterator[ProviderServer]:
    """Would get every call that leaves this machine, as its proxy."""
    with ProviderServer(judging(sound)) as server:
        yield server


@pytest.fixture
def one(project: Project) -> Project:
    """A project with a cassette of one event."""
    project.cassette().parent.mkdir(parents=True)
    project.cassette().write_text(cassette(event(1)))
    return project


@pytest.fixture
def narrow(one: Project, other: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that allows OpenAI and some of Anthropic's models, run by who has all keys."""
    for provider in PROVIDERS:
        for variable in provider.key_variables:
            monkeypatch.setenv(variable, KEY)
        for variable in provider.base_url_variables:
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", other.url)
    allow(one, "openai anthropic/claude-haiku-*")
    return one


def allow(project: Project, entries: str) -> None:
    """Write down what a project allows."""
    project.write("pytest.ini", f"[pytest]\nllm_targets_allow = {entries}\n")


def hosted(project: Project) -> str:
    """Host and port of the server that the project's application means."""
    return project.server.url.removeprefix("http://")


def refused(project: Project, other: ProviderServer, *options: str, says: str) -> None:
    """One line, and no connection to anybody."""
    result = project.run(*options)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: {says}"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert ([], []) == (project.server.seen, other.seen)


def test_what_a_package_does_not_allow_is_asked_by_no_run_over_it(one: Project) -> None:
    """Also where pytest reads another ini file, and that allows it; the package's own is named."""
    allow(one, hosted(one))
    one.write("packages/one/tox.ini", "[pytest]\nllm_targets_allow = azure\n")
    one.write("packages/one/cassettes/test_two/test_two.yaml", cassette(event(1)))
    result = one.replay()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    said = "*does not allow * llm_targets_allow of packages/one/tox.ini names azure*"
    result.stderr.fnmatch_lines([said])
    assert [] == one.server.seen
    one.replay("cassettes")
    assert 1 == len(one.server.seen)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("deepseek/deepseek-chat", "*: this project does not allow deepseek-chat at api.deepseek*"),
        ("anthropic/claude-opus-5", "*: this project does not allow claude-opus-5 at api.anthro*"),
        ("claude-opus-5", "claude-opus-5: this project does not allow claude-opus-5 at api.anth*"),
    ],
)
def test_a_replay_against_a_provider_that_is_not_allowed(
    narrow: Project, other: ProviderServer, model: str, says: str
) -> None:
    """A usage error before any connection, which says what to write where it is wanted."""
    refused(narrow, other, "--llm-replay", f"--llm-model={model}", says=says)


def test_the_format_of_a_provider_is_not_its_host(narrow: Project, other: ProviderServer) -> None:
    """Another address that is called openai is somebody else."""
    options = ("--llm-replay", "--llm-model=openai/gpt-5", f"--llm-base-url={other.openai}")
    refused(narrow, other, *options, says="openai/gpt-5: this project does not allow gpt-5 at 127*")


@pytest.mark.parametrize("named", ["command line", "config file"])
def test_a_judge_that_is_not_allowed(narrow: Project, other: ProviderServer, named: str) -> None:
    """It would read every prompt and every answer."""
    allow(narrow, hosted(narrow))
    narrow.write("llmreplay.yaml", config(other.openai))
    judge = ("--llm-judge=mistral/judge",) if named == "command line" else ()
    asked = ("--llm-replay", f"--llm-base-url={narrow.server.openai}", "--llm-check=judge>=0.5")
    refused(narrow, other, *asked, *judge, says="*: this project does not allow judge*")


def test_tests_are_not_run_against_a_target_that_is_not_allowed(
    narrow: Project, other: ProviderServer
) -> None:
    """Before any of them runs."""
    narrow.tests(TEST)
    says = "deepseek/x: this project does not allow x at api.deepseek.com*"
    refused(narrow, other, "--llm-replay-tests", "--llm-model=deepseek/x", says=says)


def test_a_test_whose_call_would_go_elsewhere_fails(
    narrow: Project, other: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a target is known only by each call, the call is not made."""
    monkeypatch.setenv("CHAT_URL", "https://api.openai.com/v1")
    narrow.tests(TEST)
    allow(narrow, "anthropic")
    result = narrow.run("--llm-replay-tests", "--llm-model=same")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*same: this project does not allow gpt-5-mini at api.openai.com*"]
    )
    assert ([], []) == (narrow.server.seen, other.seen)


def test_what_is_allowed_is_asked(one: Project) -> None:
    """By provider, host or as a server on this machine; the simulated models need no word."""
    for entries in ("localhost", f"{hosted(one)}/gpt-5-*", "127.0.0.*", "*"):
        allow(one, entries)
        one.replay("--llm-check=answered").assert_outcomes(passed=0, failed=0)
    assert 4 == len(one.server.seen)
    allow(one, "openai")
    one.run("--llm-replay", "--llm-model=simulated/steady").assert_outcomes(passed=1)
    one.run("--llm-replay").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("entry", "url", "provider", "fits"),
    [
        ("openai", "https://api.openai.com/v1", "openai", True),
        ("openai", "https://api.openai.com.evil.example/v1", "openai", False),
        ("openai", "https://llm.corp.example/v1", "openai", False),
        ("llm.corp.example", "https://llm.corp.example/v1", "openai", True),
        ("LLM.corp.example", "https://llm.corp.example:8443/v1", "openai", True),
        ("llm.corp.example:8443", "https://llm.corp.example/v1", "openai", False),
        ("*.corp.example", "https://llm.corp.example/v1", "openai", True),
        ("*.corp.example", "https://corp.example.evil.example/v1", "openai", False),
        ("azure", "https://ours.openai.azure.com/openai/v1", "azure", True),
        ("ollama", "http://localhost:11434/v1", "ollama", True),
        ("ollama", "http://127.0.0.1:4000/v1", "openai", False),
        ("ollama", "http://10.0.0.7:11434/v1", "ollama", False),
        ("localhost", "http://127.0.0.1:4000/v1", "openai", True),
        ("localhost", "http://127.0.0.2:4000/v1", "openai", True),
        ("localhost", "http://127.1:4000/v1", "openai", False),
        ("localhost", "http://[::1]:4000/v1", "openai", True),
        ("localhost", "http://0.0.0.0:4000/v1", "openai", False),
        ("localhost", "http://localhost.:4000/v1", "openai", False),
        ("localhost", "http://128.1:4000/v1", "openai", False),
        ("localhost", "http://127.1 .evil.example/v1", "openai", False),
        ("localhost", "http://127.1.evil.example/v1", "openai", False),
        ("localhost", "http://localhost.evil.example/v1", "openai", False),
        ("openrouter/openai/*", "https://openrouter.ai/api/v1", "openrouter", False),
    ],
)
def test_whose_an_address_is(entry: str, url: str, provider: str, *, fits: bool) -> None:
    """A provider is its own hosts, a host is what is written, `*` is anything."""
    allowed = Allowed.of([entry])
    try:
        allowed.check("t", Endpoint(provider=provider, base_url=url), "meta/llama")
    except ConfigError:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("opanai", "'opanai' names no provider and no host; did you mean 'openai'?*"),
        ("gpt-4.1", "'gpt-4.1' names no provider and no host*"),
        ("/", "'/' names no provider and no host*"),
        ("", "names nothing; write what is allowed (localhost, *"),
    ],
)
def test_an_entry_that_is_none(one: Project, entry: str, said: str) -> None:
    """A slip would allow nothing, or be taken for a host."""
    allow(one, entry)
    result = one.replay()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: llm_targets_allow: {said}"])
    assert [] == one.server.seen
