"""`pytest-llmreplay models` says what a target offers, and which providers can be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from servers.exchange import Behaviour
from servers.provider_server import ProviderServer, fails, hangs, raw, redirects
from shell import command, environment, inside

LIST = b'{"object": "list", "data": [{"id": "gpt-5-mini"}, {"id": "evil\\u001b[2J"}]}'
TAGS = b'{"models": [{"name": "gpt-5-mini", "model": "gpt-5-mini"}]}'
KEY = "sk-test-0123456789abcdef0123"


@pytest.mark.parametrize(
    ("name", "variable", "path"),
    [
        ("openai", "OPENAI_BASE_URL", "/v1/models"),
        ("ollama", "OLLAMA_HOST", "/api/tags"),
        ("anthropic", "ANTHROPIC_BASE_URL", "/v1/models?limit=1000"),
    ],
)
def test_models_of_a_provider(
    tmp_path: Path, provider_server: ProviderServer, name: str, variable: str, path: str
) -> None:
    """Each is asked at its own path; names from outside are shown as text."""
    provider_server.next(raw(TAGS if name == "ollama" else LIST))
    url = provider_server.openai if name == "openai" else provider_server.url
    key = {"ollama": "OLLAMA_API_KEY"}.get(name, f"{name.upper()}_API_KEY")
    env = environment(**{variable: url, key: KEY})
    done = inside("models", name, cwd=tmp_path, env=env)
    assert (0, "") == (done.returncode, done.stderr)
    assert "gpt-5-mini" == done.stdout.splitlines()[0]
    assert "\x1b" not in done.stdout
    seen = provider_server.seen[0]
    assert ("GET", path) == (seen.method, seen.path)
    own = {"anthropic": "anthropic-version"}.get(name, "authorization")
    assert own in seen.headers


def test_json_and_one_model(tmp_path: Path, provider_server: ProviderServer) -> None:
    """A model that is not offered is a finding; the list is printed all the same."""
    provider_server.next(raw(LIST), raw(LIST))
    env = environment(OPENAI_BASE_URL=provider_server.openai, OPENAI_API_KEY=KEY)
    done = inside("models", "openai/gpt-5-mini", "--json", cwd=tmp_path, env=env)
    assert 0 == done.returncode
    expected = {"target": "openai/gpt-5-mini", "models": ["gpt-5-mini", "evil\x1b[2J"]}
    assert expected == json.loads(done.stdout)
    done = inside("models", "openai/gpt-9", cwd=tmp_path, env=env)
    assert 1 == done.returncode
    assert "openai/gpt-9: no model 'gpt-9' is offered\n" == done.stderr


def test_a_base_url_and_a_target_of_the_config(
    tmp_path: Path, provider_server: ProviderServer
) -> None:
    """A loopback address that is typed or configured is asked, and gets nobody's key."""
    provider_server.next(raw(LIST), raw(LIST))
    (tmp_path / "llmreplay.yaml").write_text(
        f"targets: {{local: {{provider: openai, base_url: '{provider_server.openai}'}}}}\n"
    )
    env = environment(OPENAI_API_KEY=KEY)
    for target in (provider_server.openai, "local"):
        assert 0 == inside("models", target, cwd=tmp_path, env=env).returncode
    assert 2 == len(provider_server.seen)
    assert not any(KEY in str(seen.headers) for seen in provider_server.seen)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (fails(401), "the key is refused (HTTP 401)"),
        (fails(500), "HTTP 500"),
        (redirects("http://127.0.0.1:9/"), "it redirects, which is never followed"),
        (raw(b"nonsense"), "the answer is no JSON"),
        (raw(b'{"data": 1}'), "the answer is no list of models"),
        (hangs, "no answer: timed out"),
    ],
)
def test_no_list(
    tmp_path: Path, provider_server: ProviderServer, behaviour: Behaviour, said: str
) -> None:
    """One line that says why, with exit code 1, soon."""
    provider_server.next(behaviour)
    env = environment(OPENAI_BASE_URL=provider_server.openai, OPENAI_API_KEY=KEY)
    done = inside("models", "openai", "--timeout", "1", cwd=tmp_path, env=env)
    assert 1 == done.returncode
    assert f"openai: {said} (127.0.0.1:{provider_server.port})\n" == done.stderr
    assert 1 == len(provider_server.seen)


def test_no_list_without_a_key(tmp_path: Path, provider_server: ProviderServer) -> None:
    """A server that wants a key is not said to have refused one that never went out."""
    provider_server.next(fails(401))
    done = inside("models", provider_server.openai, cwd=tmp_path, env=environment())
    assert 1 == done.returncode
    host = f"127.0.0.1:{provider_server.port}"
    hint = f'no key was sent; LLMREPLAY_TRUST="{host}=VARIABLE" names the variable of one'
    assert f"{provider_server.openai}: HTTP 401, {hint} ({host})\n" == done.stderr


def test_overview(tmp_path: Path, provider_server: ProviderServer) -> None:
    """Names of key variables, never values; who answers, and who refuses."""
    provider_server.next(raw(LIST))
    env = environment(OPENAI_BASE_URL=provider_server.openai, OPENAI_API_KEY=KEY)
    done = inside("models", cwd=tmp_path, env=env)
    assert 0 == done.returncode
    line = next(line for line in done.stdout.splitlines() if line.startswith("openai"))
    assert ["openai", "OPENAI_API_KEY", f"127.0.0.1:{provider_server.port}"] == line.split()[:3]
    assert "answers, 2 models" in line
    assert KEY not in done.stdout + done.stderr


def test_overview_without_the_network(tmp_path: Path, provider_server: ProviderServer) -> None:
    """`--no-check` asks nobody."""
    env = environment(
        OPENAI_BASE_URL=provider_server.openai,
        OPENAI_API_KEY=KEY,
        AZURE_OPENAI_API_KEY=KEY,
        MISTRAL_API_KEY=KEY,
    )
    done = inside("models", "--no-check", "--json", cwd=tmp_path, env=env)
    rows = {row["provider"]: row for row in json.loads(done.stdout)}
    assert {"openai", "azure", "mistral"} == set(rows)
    assert ["MISTRAL_API_KEY"] == rows["mistral"]["variables"]
    assert ("api.mistral.ai", "not checked") == (rows["mistral"]["host"], rows["mistral"]["state"])
    assert "AZURE_OPENAI_ENDPOINT" in rows["azure"]["state"]
    assert KEY not in done.stdout
    assert [] == provider_server.seen
    nothing = inside("models", "--no-check", cwd=tmp_path)
    assert nothing.stdout.startswith("no provider: no key variable is set")
    assert nothing.stdout.endswith("\n  pytest-llmreplay models http://127.0.0.1:8080/v1\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nonsense/"], "no target 'nonsense/'"),
        (["recorded"], "is not asked by itself"),
        (["openai"], "no key for api.openai.com: set OPENAI_API_KEY"),
        (["http://user:pw@127.0.0.1/v1"], "cannot be used"),
        (["--timeout", "0"], "--timeout: 0 is no time"),
        (["openai", "--no-check"], "--no-check"),
        (["evil"], "llm.evil.example"),
        (["nosuch"], "'nosuch': whose model that is cannot be told. Name a provider, PROVIDER/"),
        (["opanai"], "'opanai': whose model that is cannot be told; did you mean 'openai'? Name "),
    ],
)
def test_wrong_use(tmp_path: Path, given: list[str], said: str) -> None:
    """One clear line and exit code 2; a host that only a file names gets nothing."""
    (tmp_path / "llmreplay.yaml").write_text(
        "targets: {evil: {provider: openai, base_url: 'https://llm.evil.example/v1'}}\n"
    )
    done = inside("models", *given, cwd=tmp_path)
    assert 2 == done.returncode
    assert said in done.stderr
    assert done.stderr.startswith("pytest-llmreplay: ")
    assert "Traceback" not in done.stderr
    assert "pw" not in done.stderr


def test_an_address_that_is_none(tmp_path: Path) -> None:
    """A variable of the environment is checked as an option is."""
    env = environment(OPENAI_BASE_URL="ftp://127.0.0.1/v1", OPENAI_API_KEY=KEY)
    done = inside("models", "openai", cwd=tmp_path, env=env)
    assert 2 == done.returncode
    assert done.stderr.startswith("pytest-llmreplay: OPENAI_BASE_URL: ")


def test_simulated(tmp_path: Path) -> None:
    """The models inside this package."""
    done = inside("models", "simulated", cwd=tmp_path)
    assert "simulated/steady" in done.stdout.splitlines()


def test_help(tmp_path: Path) -> None:
    """Both commands explain themselves; without one the usage is shown."""
    done = command("--help", cwd=tmp_path)
    assert 0 == done.returncode
    assert {"models", "serve"} <= set(done.stdout.split())
    assert 2 == inside(cwd=tmp_path).returncode
