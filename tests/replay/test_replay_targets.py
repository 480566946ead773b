"""Names of targets, the config file that declares them, and the overrides of a command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.projects.config_file import find_config
from pytest_llmreplay.errors import ConfigError, LlmReplayError, ReplayError, UnknownTarget
from pytest_llmreplay.replay.calls.trust import BaseUrl
from pytest_llmreplay.replay.config.file import Config, load_config
from pytest_llmreplay.replay.config.target_entry import TargetEntry
from pytest_llmreplay.replay.overrides import Overrides, parse_overrides
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, resolve, resolve_all

LOOPBACK = BaseUrl(url="http://127.0.0.1:9", source="proposal", place="llmreplay.yaml:3")
LOCAL = TargetSettings(
    config=Config(
        targets={
            "local": TargetEntry(model="tiny", parameters={"temperature": 0}),
            "claude": TargetEntry(
                provider="anthropic", model="c", api="messages", base_url=LOOPBACK
            ),
        }
    ),
    simulated=("steady", "wording"),
)


@pytest.mark.parametrize(
    ("text", "kind", "provider", "model"),
    [
        ("recorded", "recorded", None, None),
        ("same", "same", None, None),
        ("gpt-5-mini", "live", "openai", "gpt-5-mini"),
        ("o3", "live", "openai", "o3"),
        ("o4-mini", "live", "openai", "o4-mini"),
        ("claude-opus-5-5", "live", "anthropic", "claude-opus-5-5"),
        ("gemini-3-pro", "live", "gemini", "gemini-3-pro"),
        ("gpt-oss-120b", "live", None, "gpt-oss-120b"),
        ("tiny-v2", "live", None, "tiny-v2"),
        ("openrouter/anthropic/claude-x", "live", "openrouter", "anthropic/claude-x"),
        ("azure/my-deployment", "live", "azure", "my-deployment"),
        ("mistral_ai/m", "live", "mistral", "m"),
        ("simulated/steady", "simulated", None, None),
        ("local", "live", None, "tiny"),
    ],
)
def test_what_a_name_means(text: str, kind: str, provider: str | None, model: str | None) -> None:
    """Reserved words, config targets, providers and bare models are told apart."""
    target = resolve(text, LOCAL)
    assert (text, kind, provider, model) == (
        target.name,
        target.kind,
        target.provider,
        target.model,
    )


def test_only_live_targets_cost_money() -> None:
    """The recording and simulated models are free."""
    names = ("recorded", "simulated/steady", "same", "gpt-5")
    assert [resolve(name, LOCAL).live for name in names] == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("opnai/gpt-5", "'openai/'"),
        ("recoreded", "'recorded'"),
        ("loca", "'local'"),
        ("simulated/stedy", "'simulated/steady'"),
        ("meta-llama/Llama-3.1", "simulated"),
        ("", "recorded"),
        (" ", "recorded"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(text: str, nearest: str) -> None:
    """A slip does not become a model that is asked for, and paid."""
    with pytest.raises(UnknownTarget) as error:
        resolve(text, LOCAL)
    assert f"--llm-model: no target {text!r}" in str(error.value)
    assert nearest in str(error.value)


@pytest.mark.parametrize("text", ["openai/", "simulated"])
def test_a_provider_without_a_model_is_told_so(text: str) -> None:
    """The message says what is missing, and does not propose the same word again."""
    with pytest.raises(UnknownTarget, match=f"{text!r} names no model; write {text.strip('/')}/"):
        resolve(text, LOCAL)


def test_any_model_may_be_asked_of_a_named_server() -> None:
    """With a base URL, a slash is part of the model's name."""
    settings = TargetSettings(base_url="http://127.0.0.1:8000/v1")
    assert resolve("meta-llama/Llama-3.1", settings).model == "meta-llama/Llama-3.1"


def test_without_a_name_the_recording_answers() -> None:
    """Nothing named is `recorded`; only a base URL is `same`; names are taken once."""
    assert [target.kind for target in resolve_all((), TargetSettings())] == ["recorded"]
    there = TargetSettings(base_url="http://127.0.0.1:9")
    assert [target.kind for target in resolve_all((), there)] == ["same"]
    assert len(resolve_all(("gpt-5", "same", "gpt-5"), TargetSettings())) == 2


@given(st.text(max_size=40))
def test_any_name_is_a_target_or_one_clear_error(text: str) -> None:
    """No text ends in anything but a target or a ConfigError."""
    try:
        name = resolve(text, LOCAL).name
    except ConfigError:
        return
    assert text == name


@pytest.mark.parametrize(
    ("text", "api", "problem"),
    [
        ("openai/gpt-5", "messages", "openai does not speak messages"),
        ("anthropic/x", "responses", "it speaks messages, chat_completions"),
        ("crusoe/x", "chat_completions", "has an address of your own; give --llm-base-url"),
        ("bedrock/x", "converse", "set AWS_REGION or AWS_ENDPOINT_URL_BEDROCK_RUNTIME, or give"),
        ("bedrock/x", "generate_content", "bedrock does not speak generate_content"),
        ("azure/x", "chat_completions", "set AZURE_OPENAI_ENDPOINT, or give --llm-base-url"),
        ("azure/x", "messages", "set ANTHROPIC_FOUNDRY_RESOURCE, or give --llm-base-url"),
        ("vertex/x", "messages", "set GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION, or give"),
        ("simulated/steady", "messages", "its server was not started"),
        ("same", "messages", "openai does not speak messages"),
        ("claude", "completions", "anthropic does not speak completions"),
    ],
)
def test_a_target_that_cannot_take_an_event_says_so(text: str, api: str, problem: str) -> None:
    """Another format, an address that is missing: one clear sentence."""
    endpoints = Endpoints({})
    with pytest.raises(LlmReplayError, match=problem):
        endpoints.of(resolve(text, LOCAL), provider="openai", api=api)


def test_a_run_is_checked_before_its_first_call() -> None:
    """Missing keys stop a run at once; events in another format only fail themselves."""
    target = resolve("openai/gpt-5", TargetSettings())
    endpoints = Endpoints({"OPENAI_API_KEY": "x"})
    assert endpoints.check(
        target, [("openai", "chat_completions", "gpt-5"), ("anthropic", "messages", "gpt-5")]
    )
    same = resolve("same", TargetSettings())
    assert not endpoints.check(same, [("gateway", "chat_completions", "gpt-5")])
    with pytest.raises(ConfigError, match="set OPENAI_API_KEY"):
        Endpoints({}).check(target, [("openai", "chat_completions", "m")])


def test_simulated_models_are_reached_where_they_listen() -> None:
    """Each format has its own base URL there, and no key goes."""
    endpoints = Endpoints({"OPENAI_API_KEY": "x"})
    endpoints.serve_simulated("simulated/steady", {"chat_completions": "http://127.0.0.1:9/t/v1"})
    target = resolve("simulated/steady", LOCAL)
    found = endpoints.of(target, provider="mistral", api="chat_completions")
    assert (
        found.provider,
        found.base_url,
        found.key,
    ) == ("mistral", "http://127.0.0.1:9/t/v1", None)
    with pytest.raises(ReplayError, match="simulated models do not speak messages"):
        endpoints.of(target, provider="anthropic", api="messages")


@pytest.mark.parametrize(
    ("value", "base"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9/v1beta"),
        ("http://127.0.0.1:9/gw/", "http://127.0.0.1:9/gw/v1beta"),
        ("http://127.0.0.1:9/gw/v1beta", "http://127.0.0.1:9/gw/v1beta"),
    ],
)
def test_geminis_variable_names_a_server_without_the_version(value: str, base: str) -> None:
    """Google's client puts the version behind it, and so does a replay."""
    environ = {"GOOGLE_GEMINI_BASE_URL": value, "GEMINI_API_KEY": "k"}
    found = Endpoints(environ).of(resolve("same", LOCAL), provider="gemini", api="generate_content")
    assert (base, "x-goog-api-key") == (found.base_url, found.auth)


@pytest.mark.parametrize(
    ("url", "auth", "header"),
    [
        (
            "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google",
            None,
            ("authorization", "Bearer secret"),
        ),
        (
            "https://aiplatform.googleapis.com/v1/publishers/google",
            "x-goog-api-key",
            ("x-goog-api-key", "secret"),
        ),
    ],
)
def test_vertex_is_reached_at_an_address_of_ones_own(
    url: str, auth: Any, header: tuple[str, str]
) -> None:
    """A project takes a token, express mode a key; either host has to be trusted with it."""
    host = url.split("/")[2]
    endpoints = Endpoints({"LLMREPLAY_TRUST": f"{host}=VERTEX_TOKEN", "VERTEX_TOKEN": "secret"})
    target = replace(resolve("same", TargetSettings(base_url=url)), auth=auth)
    found = endpoints.of(target, provider="vertex", api="generate_content")
    assert (url, dict([header])) == (found.base_url, found.auth_headers())


@pytest.mark.parametrize(
    ("url", "api", "base"),
    [
        ("http://127.0.0.1:8080", "chat_completions", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/", "chat_completions", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/v1/", "chat_completions", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/v1", "messages", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "messages", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/gw", "chat_completions", "http://127.0.0.1:8080/gw"),
        ("http://127.0.0.1:8080/gw/v1", "messages", "http://127.0.0.1:8080/gw"),
        ("http://127.0.0.1:8080", "generate_content", "http://127.0.0.1:8080/v1beta"),
        ("http://127.0.0.1:8080/v1", "generate_content", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/api", "messages", "http://127.0.0.1:8080/api"),
        ("http://127.0.0.1:11434", "ollama_chat", "http://127.0.0.1:11434"),
        ("http://127.0.0.1:11434/v1", "ollama_chat", "http://127.0.0.1:11434"),
        ("http://127.0.0.1:11434/api/", "ollama_generate", "http://127.0.0.1:11434"),
        ("http://127.0.0.1:8080/v2", "cohere_chat", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/gw/v1", "cohere_chat", "http://127.0.0.1:8080/gw"),
    ],
)
def test_a_base_url_is_taken_with_and_without_v1(url: str, api: str, base: str) -> None:
    """People write both; the format's path fits either way."""
    target = resolve("same", TargetSettings(base_url=url))
    assert base == Endpoints({}).of(target, provider="local", api=api).base_url


def config_of(tmp_path: Path, text: str) -> Config:
    """Load a config file with this text."""
    path = tmp_path / "llmreplay.yaml"
    path.write_text(text)
    return load_config(path)


def test_a_config_file_is_read(tmp_path: Path) -> None:
    """Targets, checks and the gate are read, the rest is kept for those who know it."""
    text = (
        "targets:\n"
        "  local: {provider: openai, model: tiny, base_url: http://127.0.0.1:8080/v1,"
        " api_key_env: LOCAL_KEY, auth: api-key, parameters: {temperature: 0}}\n"
        "checks: contract\n"
        "gate: {pass_rate: 1.0}\n"
    )
    config = config_of(tmp_path, text)
    entry = config.targets["local"]
    assert config.checks == ("contract",)
    assert 1.0 == config.gate.pass_rate
    assert {} == config.rest
    assert (entry.provider, entry.model, entry.auth) == ("openai", "tiny", "api-key")
    assert entry.parameters == {"temperature": 0}
    assert entry.base_url is not None
    assert f"{config.path}:2" == entry.base_url.place
    assert entry.base_url.source == "proposal"


@pytest.mark.parametrize("text", ["", "# nothing\n", "targets:\n", "checks: []\n"])
def test_an_empty_config_file_says_nothing(tmp_path: Path, text: str) -> None:
    """An empty file, and empty sections, are fine."""
    assert config_of(tmp_path, text).targets == {}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("checks: a\ntargts: {}\n", 2, "unknown key 'targts'; did you mean 'targets'?"),
        ("targets:\n  t:\n    modle: x\n", 3, "unknown key 'modle'; did you mean 'model'? Known"),
        ("zzz: 1\n", 1, "unknown key 'zzz'. Known keys: "),
        ("checks: a\nredaction: [emial]\n", 2, "redaction: 'emial' is no kind of personal data"),
        ("redaction:\n- email\n- name: [a]\n", 3, "redaction: {'name': ['a']} is no rule; write"),
        ("targets: {t: {parameters: {messages: []}}}", 1, "'messages' is no parameter"),
        ("targets:\n  t: {provider: opnai}\n", 2, "no provider 'opnai'; did you mean 'openai'?"),
        ("targets:\n  t:\n    model: 5\n", 3, "model is 5, not a text"),
        ("targets: [a]\n", 1, "targets is ['a'], not a mapping"),
        ("targets:\n  a: x\n", 2, "targets.a is 'x', not a mapping"),
        ("targets:\n  same: {}\n", 2, "a target cannot be called 'same'"),
        ("targets:\n  a/b: {}\n", 2, "a target cannot be called 'a/b'"),
        ("targets:\n  t:\n    auth: basic\n", 3, "auth 'basic' is none of bearer, x-api-key"),
        ("checks: 5\n", 1, "checks is a list of texts"),
        ("checks: [1]\n", 1, "checks is a list of texts"),
        ("- a\n", 1, "the file is not a mapping"),
        ("a: &x 1\n", 1, "an anchor"),
        ("a: 1\na: 2\n", 2, "a"),
        ("a: [\n", 2, "not valid YAML"),
    ],
)
def test_a_wrong_config_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, problem: str
) -> None:
    """File, line, what is wrong, and the nearest known word."""
    with pytest.raises(ConfigError) as error:
        config_of(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'llmreplay.yaml'}:{line}: ")
    assert problem in str(error.value)


def test_a_config_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are one clear error each."""
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing.yaml", tmp_path, binary):
        with pytest.raises(ConfigError, match=r"cannot be read|is not UTF-8"):
            load_config(path)


def test_the_nearest_config_file_counts(tmp_path: Path) -> None:
    """It is looked for upwards, and not above the root."""
    deep = tmp_path / "project" / "cassettes" / "tests"
    deep.mkdir(parents=True)
    assert None is find_config(deep, tmp_path / "project")
    (tmp_path / "llmreplay.yaml").write_text("")
    assert None is find_config(deep, tmp_path / "project")
    near = tmp_path / "project" / "llmreplay.yaml"
    near.write_text("")
    assert near == find_config(deep, tmp_path / "project")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["temperature=0"], {"max_tokens": 50, "temperature": 0}),
        (["temperature=0.5", "temperature=0"], {"max_tokens": 50, "temperature": 0}),
        (["max_tokens=null"], {}),
        (["missing=null"], {"max_tokens": 50}),
        (["a.b.c=[1, 2]"], {"max_tokens": 50, "a": {"b": {"c": [1, 2]}}}),
        (["stop=yes"], {"max_tokens": 50, "stop": "yes"}),
        (["stop=a=b"], {"max_tokens": 50, "stop": "a=b"}),
        (
            ["response_format={type: json_object}"],
            {"max_tokens": 50, "response_format": {"type": "json_object"}},
        ),
    ],
)
def test_overrides_merge(texts: list[str], expected: dict[str, Any]) -> None:
    """What an override does not name survives; zero is a value; null removes."""
    body = {"max_tokens": 50}
    assert expected == parse_overrides(texts).apply(body)
    assert body == {"max_tokens": 50}


def test_a_nested_override_leaves_the_rest_and_the_recording_alone() -> None:
    """Neighbours of a dotted key stay, and the recorded body is not touched."""
    body: dict[str, Any] = {"reasoning": {"effort": "low", "summary": "auto"}}
    changed = parse_overrides(["reasoning.effort=high"]).apply(body)
    assert changed == {"reasoning": {"effort": "high", "summary": "auto"}}
    assert body["reasoning"]["effort"] == "low"


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("temperature", "a '=' is missing", 11),
        ("=1", "a key is words joined by single dots", 0),
        ("a..b=1", "a key is words joined by single dots", 2),
        ("a. b=1", "a key is words joined by single dots", 2),
        ("temperature=", "a value is missing", 12),
        ("stop=[1", "the value is no YAML", 5),
        ("stop=&x 1", "the value is no YAML", 5),
        ("model=gpt-5", "the model has an option of its own: --llm-model", 0),
        ("messages=[]", "messages are not set", 0),
        ("messages.0.content=hi", "messages are not set", 0),
    ],
)
def test_a_wrong_override_points_at_its_character(text: str, problem: str, at: int) -> None:
    """The message shows the option with a mark below."""
    with pytest.raises(ConfigError) as error:
        parse_overrides([text])
    first, shown, mark = str(error.value).split("\n")
    assert problem in first
    assert f"  {text}" == shown
    assert 2 + at == len(mark) - 1


def test_an_override_does_not_replace_a_list_by_what_leads_into_it() -> None:
    """The event is an error that names key and list; its tools are not lost in silence."""
    with pytest.raises(ReplayError, match=r"'tools.0.name' cannot be set: 'tools' is a list"):
        parse_overrides(["tools.0.name=x"]).apply({"tools": [{"name": "a"}]})


def test_no_overrides_change_nothing() -> None:
    """An empty set of overrides gives an equal body."""
    assert Overrides().apply({"a": 1}) == {"a": 1}
    assert Target(name="x", kind="live").name == "x"
