"""Keys leave only for hosts that a person named; whatever a data file says is a proposal."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from replay.replay_server import CHAT, Loopback, Seen, as_json

from pytest_llmreplay.errors import ConfigError, ReplayError, UntrustedHost
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.replay.calls.endpoint import Endpoint, Secret
from pytest_llmreplay.replay.calls.trust import Trust
from pytest_llmreplay.replay.config.file import load_config
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import TargetSettings, resolve

Serve = Callable[[Callable[[Seen], Any]], Loopback]

NEEDLE = "sk-needle-0123456789"
ALL_KEYS = {v: f"{NEEDLE}-{v}" for provider in PROVIDERS for v in provider.key_variables}
SECRETS = ALL_KEYS | {"MY_KEY": f"{NEEDLE}-MY_KEY", "CORP_KEY": f"{NEEDLE}-CORP_KEY"}


def endpoint(
    text: str,
    environ: dict[str, str] | None = None,
    *,
    config: Path | None = None,
    base_url: str | None = None,
    typed: bool = True,
    provider: str = "openai",
    api: str = "chat_completions",
) -> Endpoint:
    """Where a target of this name sends an event of this provider and format."""
    settings = TargetSettings(base_url=base_url, base_url_typed=typed)
    if config is not None:
        loaded = load_config(config)
        settings = TargetSettings(config=loaded, base_url=base_url, base_url_typed=typed)
    target = resolve(text, settings)
    return Endpoints(environ if environ is not None else SECRETS).of(
        target, provider=provider, api=api
    )


def key_of(found: Endpoint) -> str | None:
    """The variable whose key an endpoint would send."""
    value = None if found.key is None else found.key.reveal()
    return next((name for name, text in SECRETS.items() if text == value), value)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write an `llmreplay.yaml` with one target `t`."""

    def write(**entry: str) -> Path:
        lines = [f"    {key}: {value}" for key, value in entry.items()]
        path = tmp_path / "llmreplay.yaml"
        path.write_text("\n".join(["targets:", "  t:", *lines, ""]))
        return path

    return write


@pytest.mark.parametrize(
    ("text", "api", "variable", "url"),
    [
        ("openai/gpt-5", "chat_completions", "OPENAI_API_KEY", "https://api.openai.com/v1"),
        ("gpt-5-mini", "chat_completions", "OPENAI_API_KEY", "https://api.openai.com/v1"),
        ("claude-opus-5-5", "messages", "ANTHROPIC_API_KEY", "https://api.anthropic.com"),
        ("mistral/x", "chat_completions", "MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
        ("openrouter/a/b", "messages", "OPENROUTER_API_KEY", "https://openrouter.ai/api"),
        ("vllm/x", "chat_completions", "VLLM_API_KEY", "http://localhost:8000/v1"),
        ("ollama/x", "chat_completions", None, "http://127.0.0.1:11434/v1"),
        ("ollama/x", "ollama_chat", None, "http://127.0.0.1:11434"),
        ("ollama/x", "ollama_generate", None, "http://127.0.0.1:11434"),
        ("cohere/command-a", "cohere_chat", "CO_API_KEY", "https://api.cohere.com"),
    ],
)
def test_the_table_gives_each_provider_its_own_key(
    text: str, api: str, variable: str | None, url: str
) -> None:
    """Without anything said, a provider's own variable goes to its own address."""
    found = endpoint(text, api=api)
    assert (url, variable) == (found.base_url, key_of(found))


def test_same_takes_the_recorded_provider() -> None:
    """The recorded provider chooses its own address and key, never a host of the cassette."""
    found = endpoint("same", provider="anthropic", api="messages")
    assert (found.base_url, key_of(found)) == ("https://api.anthropic.com", "ANTHROPIC_API_KEY")
    with pytest.raises(ReplayError, match="'gateway' has no known address"):
        endpoint("same", provider="gateway")


@pytest.mark.parametrize(
    ("environ", "api", "url"),
    [
        ({}, "chat_completions", "URL"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"}, "responses", '"$OPENAI_BASE_URL"'),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"}, "messages", "URL"),
        ({"OLLAMA_HOST": "127.0.0.1:11434"}, "ollama_chat", "URL"),
    ],
)
def test_same_is_told_where_a_local_server_is(environ: dict[str, str], api: str, url: str) -> None:
    """No cassette has its address, and an environment's is for the provider's own events."""
    with pytest.raises(ReplayError) as error:
        endpoint("same", environ, provider="local", api=api)
    assert str(error.value) == (
        "same: the recorded provider 'local' is a server of your own, whose address no "
        f"cassette keeps; give --llm-base-url {url}, or name a target as PROVIDER/MODEL"
    )


def test_a_missing_key_names_its_variables() -> None:
    """The message says which variable, for which host, and no value."""
    with pytest.raises(ConfigError) as error:
        endpoint("claude-opus-5-5", {"OPENAI_API_KEY": NEEDLE}, api="messages")
    assert str(error.value) == (
        "no key for api.anthropic.com: set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN in the "
        "environment (asked for by anthropic)"
    )


@pytest.mark.parametrize(
    ("url", "text", "variable"),
    [
        ("http://127.0.0.1:8080/v1", "openai/x", None),
        ("http://localhost:8080/v1", "same", None),
        ("http://[::1]:8080/v1", "gpt-5", None),
        ("https://llm.corp.example/v1", "openai/x", "OPENAI_API_KEY"),
        ("https://llm.corp.example/v1", "same", "OPENAI_API_KEY"),
        ("https://llm.corp.example/v1", "mistral/x", "MISTRAL_API_KEY"),
        ("https://api.mistral.ai/v1", "openai/x", "MISTRAL_API_KEY"),
        ("https://my.openai.azure.com/openai/v1", "azure/x", "AZURE_OPENAI_API_KEY"),
        ("http://192.168.1.5:11434/v1", "openai/x", None),
    ],
)
def test_a_host_typed_on_the_command_line_is_named(
    url: str, text: str, variable: str | None
) -> None:
    """The key of the named provider goes there over https; in the clear, or here, none does."""
    found = endpoint(text, base_url=url, provider="groq")
    assert (url, variable) == (found.base_url, key_of(found))


@pytest.mark.parametrize(
    ("told", "api", "variable"),
    [
        ({"OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"}, "chat_completions", "OPENAI_API_KEY"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:4000"}, "responses", "OPENAI_API_KEY"),
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}, "messages", "ANTHROPIC_API_KEY"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:4001/v1"}, "chat_completions", None),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"}, "messages", None),
    ],
)
def test_a_server_on_this_machine_that_the_environment_names_gets_its_key_when_it_is_typed(
    told: dict[str, str], api: str, variable: str | None
) -> None:
    """`--llm-base-url "$OPENAI_BASE_URL"` asks a gateway as the SDKs do; a file does not."""
    environ, url = SECRETS | told, "http://127.0.0.1:4000/v1"
    for text in ("same", "openai/x" if api != "messages" else "anthropic/x"):
        typed = endpoint(text, environ, base_url=url, provider="local", api=api)
        assert variable == key_of(typed)
        proposed = endpoint(text, environ, base_url=url, typed=False, provider="local", api=api)
        assert None is proposed.key


def test_what_would_allow_a_host_keeps_what_is_allowed(written: Callable[..., Path]) -> None:
    """The line to set does not take the trust in other hosts away."""
    path = written(provider="openai", model="m", base_url="https://b.example/v1")
    with pytest.raises(UntrustedHost, match=r'export LLMREPLAY_TRUST="b\.example"'):
        endpoint("t", config=path)
    trusted = SECRETS | {"LLMREPLAY_TRUST": "a.example=CORP_KEY"}
    with pytest.raises(UntrustedHost, match=r'LLMREPLAY_TRUST="\$LLMREPLAY_TRUST,b\.example"'):
        endpoint("t", trusted, config=path)


def test_trust_in_one_key_takes_no_other_from_a_server_on_this_machine(
    written: Callable[..., Path],
) -> None:
    """A variable of the user's own goes there with and without `LLMREPLAY_TRUST`."""
    trusted = SECRETS | {"LLMREPLAY_TRUST": "127.0.0.1:9=OPENAI_API_KEY"}
    url = "http://127.0.0.1:9/v1"
    path = written(provider="openai", model="m", base_url=url, api_key_env="MY_KEY")
    assert "MY_KEY" == key_of(endpoint("t", trusted, config=path))
    path = written(provider="openai", model="m", base_url=url, api_key_env="GROQ_API_KEY")
    with pytest.raises(UntrustedHost, match="GROQ_API_KEY"):
        endpoint("t", trusted, config=path)


def test_a_cassette_does_not_choose_the_key_for_a_typed_host() -> None:
    """`same` at a typed host sends the main key of the format, whatever provider is recorded."""
    for provider in PROVIDERS:
        found = endpoint("same", base_url="https://llm.example/v1", provider=provider.name)
        assert key_of(found) == "OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("environ", "text", "api", "url", "variable"),
    [
        (
            {"OPENAI_BASE_URL": "https://gw.example/v1"},
            "gpt-5",
            "chat_completions",
            "https://gw.example/v1",
            "OPENAI_API_KEY",
        ),
        (
            {"OPENAI_BASE_URL": "http://127.0.0.1:4000"},
            "gpt-5",
            "chat_completions",
            "http://127.0.0.1:4000/v1",
            "OPENAI_API_KEY",
        ),
        (
            {"ANTHROPIC_BASE_URL": "https://gw.example/v1"},
            "claude-x",
            "messages",
            "https://gw.example",
            "ANTHROPIC_API_KEY",
        ),
        (
            {"AZURE_OPENAI_ENDPOINT": "https://my.openai.azure.com/"},
            "azure/dep",
            "chat_completions",
            "https://my.openai.azure.com/openai/v1",
            "AZURE_OPENAI_API_KEY",
        ),
        (
            {"OLLAMA_HOST": "0.0.0.0:11434"},
            "ollama/x",
            "chat_completions",
            "http://127.0.0.1:11434/v1",
            "OLLAMA_API_KEY",
        ),
        (
            {"OLLAMA_HOST": "127.0.0.1"},
            "ollama/x",
            "ollama_chat",
            "http://127.0.0.1:11434",
            "OLLAMA_API_KEY",
        ),
        (
            {"CO_API_URL": "https://gw.example"},
            "cohere/x",
            "cohere_chat",
            "https://gw.example",
            "CO_API_KEY",
        ),
    ],
)
def test_base_urls_of_the_environment_are_named(
    environ: dict[str, str], text: str, api: str, url: str, variable: str
) -> None:
    """The provider's own variables say where its key goes, as for its SDK."""
    found = endpoint(text, SECRETS | environ, api=api)
    assert (url, variable) == (found.base_url, key_of(found))


REGION = {"AWS_REGION": "eu-west-1"}
RUNTIME = "https://bedrock-runtime.eu-west-1.amazonaws.com"


def test_a_region_that_the_environment_names_is_bedrock_s_own() -> None:
    """Its key goes to that region's host, and is asked for where it is missing."""
    found = endpoint("bedrock/x", SECRETS | REGION, api="converse")
    assert (RUNTIME, "AWS_BEARER_TOKEN_BEDROCK") == (found.base_url, key_of(found))
    with pytest.raises(ConfigError, match="set AWS_BEARER_TOKEN_BEDROCK"):
        endpoint("bedrock/x", REGION, api="converse")


def test_a_gateway_that_the_environment_names_needs_no_key() -> None:
    """It gets the key where there is one, but never in clear text."""
    for url, key in [("https://gw.example", "AWS_BEARER_TOKEN_BEDROCK"), ("http://gw.lan", None)]:
        environ = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url}
        assert key == key_of(endpoint("bedrock/x", SECRETS | environ, api="converse"))
        assert None is endpoint("bedrock/x", environ, api="converse").key


def test_another_region_is_a_proposal(written: Callable[..., Path]) -> None:
    """A file may name the region of the environment, and no other without a person's word."""
    own = written(provider="bedrock", model="m", base_url=RUNTIME)
    found = endpoint("t", SECRETS | REGION, config=own, api="converse")
    assert "AWS_BEARER_TOKEN_BEDROCK" == key_of(found)
    other = written(provider="bedrock", model="m", base_url=RUNTIME.replace("west-1", "west-3"))
    with pytest.raises(UntrustedHost):
        endpoint("t", SECRETS | REGION, config=other, api="converse")


@pytest.mark.parametrize("provider", [p.name for p in PROVIDERS if p.name != "voyage"])
@pytest.mark.parametrize("host", ["https://evil.example/v1", "http://10.0.0.1/v1"])
def test_a_host_of_a_config_file_stops_the_run(
    written: Callable[..., Path], provider: str, host: str
) -> None:
    """The message names file, line and host, gives the line to set, and no value."""
    path = written(provider=provider, model="m", base_url=host, api_key_env="CORP_KEY")
    with pytest.raises(UntrustedHost) as error:
        endpoint("t", config=path)
    name = host.partition("://")[2].removesuffix("/v1")
    assert f"{path}:5: host {name!r} with the key of CORP_KEY" in str(error.value)
    assert f'export LLMREPLAY_TRUST="{name}=CORP_KEY"' in str(error.value)
    assert NEEDLE not in str(error.value)


@pytest.mark.parametrize(
    "url", ["https://evil.openai.azure.com/openai/v1", "https://x.api.x.ai/v1"]
)
def test_a_rented_host_under_a_pattern_is_not_the_providers_own(
    written: Callable[..., Path], url: str
) -> None:
    """Anyone can rent a host under a wildcard of the table; a file's word for it is not enough."""
    with pytest.raises(UntrustedHost):
        endpoint("t", config=written(provider="azure", model="m", base_url=url))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/files",
        "http://api.openai.com/v1",
        "https://api.openai.com:8443/v1",
        "https://api.openai.com",
    ],
)
def test_a_file_cannot_bend_a_providers_address(written: Callable[..., Path], url: str) -> None:
    """Only the exact addresses of the table count as named by it."""
    with pytest.raises(UntrustedHost):
        endpoint("t", config=written(provider="openai", model="m", base_url=url))


def test_a_file_may_name_an_address_of_the_table(written: Callable[..., Path]) -> None:
    """The owner's key goes there, whatever provider the file claims."""
    path = written(provider="openai", model="m", base_url="https://api.mistral.ai/v1")
    assert key_of(endpoint("t", config=path)) == "MISTRAL_API_KEY"


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "CORP_KEY"])
def test_a_file_cannot_send_another_variable_to_a_provider(
    written: Callable[..., Path], variable: str
) -> None:
    """`api_key_env` for a provider's own address may only be one of its own variables."""
    path = written(provider="openai", model="m", api_key_env=variable)
    with pytest.raises(UntrustedHost, match=f"api.openai.com={variable}"):
        endpoint("t", config=path)
    trusted = SECRETS | {"LLMREPLAY_TRUST": f"api.openai.com={variable}", variable: "x"}
    assert key_of(endpoint("t", trusted, config=path)) == "x"


@pytest.mark.parametrize(
    ("provider", "variable"),
    [(a, b) for a, b in itertools.product(["openai", "vllm", "anthropic"], ALL_KEYS)],
)
def test_a_file_cannot_send_a_providers_key_to_a_local_server(
    written: Callable[..., Path], provider: str, variable: str
) -> None:
    """A loopback address is used, but with no provider's key; a local provider's own is fine."""
    path = written(
        provider=provider, model="m", base_url="http://127.0.0.1:9/v1", api_key_env=variable
    )
    if provider == "vllm" and variable == "VLLM_API_KEY":
        assert variable == key_of(endpoint("t", config=path))
    else:
        with pytest.raises(UntrustedHost, match=f"127.0.0.1:9={variable}"):
            endpoint("t", config=path)


def test_a_local_server_may_have_a_key_of_its_own(written: Callable[..., Path]) -> None:
    """A variable that is no provider's is sent to loopback; unset, the message names it."""
    path = written(
        provider="openai", model="m", base_url="http://127.0.0.1:9/v1", api_key_env="MY_KEY"
    )
    assert key_of(endpoint("t", config=path)) == "MY_KEY"
    with pytest.raises(ConfigError, match=r"no key for 127\.0\.0\.1:9: set MY_KEY"):
        endpoint("t", {}, config=path)


def test_a_local_server_needs_no_key(written: Callable[..., Path]) -> None:
    """Without `api_key_env` a placeholder is sent, and no variable is read."""
    path = written(provider="openai", model="m", base_url="http://127.0.0.1:9/v1")
    found = endpoint("t", config=path)
    assert found.auth_headers() == {"authorization": "Bearer no-key-needed"}


def test_the_environment_trusts_a_host_with_a_variable(written: Callable[..., Path]) -> None:
    """With the line set, the key goes there; another variable does not."""
    url = "https://llm.corp.example/v1"
    trusted = SECRETS | {"LLMREPLAY_TRUST": "llm.corp.example=CORP_KEY, other.example"}
    for entry in ({}, {"api_key_env": "CORP_KEY"}):
        path = written(provider="openai", model="m", base_url=url, **entry)
        assert key_of(endpoint("t", trusted, config=path)) == "CORP_KEY"
    path = written(provider="openai", model="m", base_url=url, api_key_env="GITHUB_TOKEN")
    with pytest.raises(UntrustedHost, match="GITHUB_TOKEN"):
        endpoint("t", trusted, config=path)


def test_a_host_may_be_trusted_without_a_key(written: Callable[..., Path]) -> None:
    """A host alone gets requests and a placeholder, and a key that a file asks for does not go."""
    trusted = SECRETS | {"LLMREPLAY_TRUST": "llm.corp.example"}
    url = "https://llm.corp.example/v1"
    assert None is key_of(
        endpoint("t", trusted, config=written(provider="openai", model="m", base_url=url))
    )
    path = written(provider="openai", model="m", base_url=url, api_key_env="CORP_KEY")
    with pytest.raises(UntrustedHost):
        endpoint("t", trusted, config=path)


def test_a_port_may_be_part_of_the_trust() -> None:
    """`host:port` trusts that port alone; `host` trusts all of them."""
    trust = Trust.of({"LLMREPLAY_TRUST": "a.example:8443=A,b.example=B,b.example=C"})
    assert trust.variables("https://a.example:8443/v1") == ("A",)
    assert None is trust.variables("https://a.example/v1")
    assert trust.variables("https://b.example:1/v1") == ("B", "C")
    assert None is trust.variables("https://sub.b.example/v1")


@pytest.mark.parametrize("text", ["=KEY", "https://x/y=KEY", "host=", "host=a key", "host=a=b"])
def test_a_trust_that_cannot_be_read_is_refused(text: str) -> None:
    """A slip in the variable is told, not guessed at."""
    with pytest.raises(ConfigError, match="is not HOST=VARIABLE"):
        Trust.of({"LLMREPLAY_TRUST": text})


def test_a_trusted_key_does_not_go_in_the_clear(written: Callable[..., Path]) -> None:
    """Over http, to anything but this machine, no key is sent; the message says why."""
    trusted = SECRETS | {"LLMREPLAY_TRUST": "llm.corp.example=CORP_KEY,127.0.0.1=OPENAI_API_KEY"}
    path = written(provider="openai", model="m", base_url="http://llm.corp.example/v1")
    with pytest.raises(UntrustedHost, match="over http"):
        endpoint("t", trusted, config=path)
    path = written(provider="openai", model="m", base_url="http://127.0.0.1:9/v1")
    assert key_of(endpoint("t", trusted, config=path)) == "OPENAI_API_KEY"


def test_addopts_only_propose() -> None:
    """A base URL that nobody typed on this command line is a proposal like any other."""
    with pytest.raises(UntrustedHost, match=r"--llm-base-url in addopts: host 'evil\.example'"):
        endpoint("gpt-5", base_url="https://evil.example/v1", typed=False)
    found = endpoint("gpt-5", base_url="http://127.0.0.1:9/v1", typed=False)
    assert None is found.key


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@llm.example/v1",
        "https://llm.example/v1?api_key=x",
        "https://llm.example/v1#x",
        "ftp://llm.example",
        "llm.example/v1",
        "https://",
        "https://llm.example:port",
        "https://[broken",
        "https://api.openai.com\\@evil.example/v1",
        "https://api.openai.com\\.evil.example/v1",
        "https://api.openai.com\t.evil.example/v1",
        "https://api.openai.com\uff0fevil.example/v1",
        "https://llm.example:99999",
        "/etc/passwd",
        "file:///etc/passwd",
    ],
)
def test_base_urls_that_cannot_be_used(url: str) -> None:
    """A URL with credentials, query or no host is refused, without its password."""
    with pytest.raises(ConfigError, match="cannot be used") as error:
        endpoint("gpt-5", base_url=url)
    assert "pw" not in str(error.value)


def test_a_key_shows_itself_to_nobody() -> None:
    """Neither `repr`, `str` nor pickling gives a key away."""
    key = Secret(NEEDLE)
    found = Endpoint(provider="openai", base_url="https://x.example", key=key)
    assert "'***'" == repr(key) == str(key) == f"{key}"
    assert NEEDLE not in repr(found)
    assert key == Secret(NEEDLE)
    assert len({key, Secret(NEEDLE)}) == 1
    with pytest.raises(TypeError, match="never pickled"):
        key.__reduce__()


def test_two_servers_of_which_one_is_trusted(serve: Serve, written: Callable[..., Path]) -> None:
    """Whatever a file writes where, the server that nobody named sees no key."""
    good, evil = serve(lambda _: as_json(CHAT)), serve(lambda _: as_json(CHAT))
    trusted = SECRETS | {"LLMREPLAY_TRUST": f"127.0.0.1:{good.port}=CORP_KEY"}
    for variable in (*ALL_KEYS, "CORP_KEY"):
        path = written(provider="openai", model="m", base_url=evil.url, api_key_env=variable)
        if variable == "CORP_KEY":
            # A variable of the user's own may go to loopback; design part 6.
            assert variable == key_of(endpoint("t", trusted, config=path))
        else:
            with pytest.raises(UntrustedHost):
                endpoint("t", trusted, config=path)
    path = written(provider="openai", model="m", base_url=good.url)
    assert key_of(endpoint("t", trusted, config=path)) == "CORP_KEY"
