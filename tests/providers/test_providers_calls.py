"""What an LLM call is."""

from __future__ import annotations

import pytest

from pytest_llmreplay.providers.endpoints.calls import host_of, is_llm_body, is_llm_call, is_private

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/models",
        "HTTPS://API.OpenAI.com/v1/chat/completions",
        "https://api.anthropic.com/v1/messages/count_tokens?beta=true",
        "https://my-res.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse",
        "https://europe-west1-aiplatform.googleapis.com/v1/projects/p",
        "https://acc.snowflakecomputing.com/api/v2/cortex/v1/chat/completions",
        "https://openrouter.ai/api/v1/chat/completions",
        "https://api.ai21.com/studio/v1/chat/completions",
        "https://api.portkey.ai/v1/prompts/pp-weather/completions",
        "https://chatgpt.com/backend-api/codex/responses",
        "https://eastus.api.cognitive.microsoft.com/openai/deployments/d/chat/completions",
        "https://gateway.pydantic.dev/proxy/openai/responses",
        "https://api.anthropic.com/v1/organizations/claude_code/managed_settings/configuration",
        "http://localhost:11434/api/tags",
    ],
)
def test_any_call_of_a_provider_is_one(url: str) -> None:
    """On a host of the table, method and path do not matter."""
    assert is_llm_call("GET", url)
    assert is_llm_call("DELETE", url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080",
        "127.8.8.8",
        "127.1",
        "0x7f.1",
        "2130706433",
        "localhost.",
        "localhost",
        "sub.localhost:1",
        "[::1]:8000",
        "[fd00::1]",
        "[fe80::1%25eth0]",
        "[::ffff:10.0.0.1]",
        "10.1.2.3",
        "172.31.255.1",
        "192.168.0.9",
        "0.0.0.0:8000",
        "vllm",
        "gpu-box.local",
        "llm.corp.internal",
        "host.docker.internal:1234",
        "user:pass@localhost",
    ],
)
def test_a_private_host_is_asked_by_path(host: str) -> None:
    """Loopback and private hosts count when a POST goes to a format's path."""
    assert is_llm_call("POST", f"http://{host}{CHAT}")
    assert is_llm_call("post", f"http://{host}{CHAT}/")
    assert not is_llm_call("GET", f"http://{host}{CHAT}")
    assert not is_llm_call("POST", f"http://{host}/v1/other")


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "172.32.0.1",
        "8.8.8.8",
        "testserver",
        "example.com",
        "api.openai.com.evil",
    ],
)
def test_other_hosts_are_not_asked_at_all(host: str) -> None:
    """A path alone makes no LLM call of a call to the world, nor of one inside the process."""
    assert not is_llm_call("POST", f"https://{host}{CHAT}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/chat/completions?x=1", True),
        ("/proxy/openai/v1/responses", True),
        ("/v1/completions", True),
        ("/v1/messages#f", True),
        ("/v1/embeddings", True),
        ("/v2/embed", True),
        ("/api/chat", True),
        ("/api/generate", True),
        ("/api/embed", True),
        ("/v2/chat", True),
        ("/v1beta/models/gemini-x:generateContent", True),
        ("/v1beta/models/gemini-x:streamGenerateContent?alt=sse", True),
        ("/v1beta/tunedModels/t:generateContent", True),
        ("/v1beta/models/e:batchEmbedContents", True),
        ("/v1/projects/p/publishers/google/models/e:predict", True),
        ("/v1/projects/p/publishers/anthropic/models/c:streamRawPredict", True),
        ("/model/us.a%2Fb/converse-stream", True),
        ("/model/m/invoke-with-response-stream", True),
        ("/v1/models/e:predict", False),
        ("/xv1/messages", False),
        ("/api/messages", False),
        ("/pre/mychat/completions", True),
        ("/prechat/completionss", False),
        ("/customer_responses", False),
        ("/v1/messages/count_tokens", True),
        ("/v1/responses/resp_1/cancel", True),
        ("/v1/responses/survey", False),
        ("/mcp/v1/messages", False),
        ("/v1/traces", False),
        ("", False),
        ("?next=/v1/chat/completions", False),
        ("/search?next=/v1/chat/completions", False),
    ],
)
def test_a_path_counts_from_its_last_segments(path: str, *, expected: bool) -> None:
    """Prefixes of gateways do not matter, halves of words do."""
    assert expected is is_llm_call("POST", f"http://localhost:9{path}")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/responses/resp_68a1",
        "/proxy/v1/responses/resp_68a1/input_items?limit=2",
        "/v1/chat/completions/chatcmpl-9x",
        "/v1/chat/completions/chatcmpl-9x/messages",
    ],
)
def test_an_answer_that_was_left_on_a_private_host_is_known_by_its_id(
    method: str, path: str
) -> None:
    """What polls, reads or deletes it is played as the call was that made it."""
    assert is_llm_call(method, f"http://localhost:9{path}")
    assert is_llm_body(f"http://localhost:9{path}", None)
    assert not is_llm_call(method, f"https://example.com{path}")


@pytest.mark.parametrize(
    "path", ["/v1/responses/12", "/v1/chat/completions/12", "/responses/resp_1/answers", "/files/f"]
)
def test_another_id_makes_no_call_of_a_model(path: str) -> None:
    """Surveys have responses too."""
    assert not is_llm_call("GET", f"http://localhost:9{path}")
    assert not is_llm_body(f"http://localhost:9{path}", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/traces/ingest",
        "https://api.anthropic.com/api/event_logging/batch",
        "https://api.anthropic.com/api/claude_code/metrics",
        "https://api.z.ai/api/mcp/web_search_prime/mcp",
        "https://acc.snowflakecomputing.com/session/v1/login-request",
        "https://res.cognitiveservices.azure.com/vision/v3/analyze",
        "https://oauth2.googleapis.com/token",
        "wss://api.openai.com/v1/realtime",
    ],
)
def test_what_providers_serve_besides_models_passes(url: str) -> None:
    """Traces, MCP and other services of a provider's host are no LLM calls."""
    assert not is_llm_call("POST", url)


@pytest.mark.parametrize(
    "hosts", [{"llm.corp.example"}, {"LLM.corp.example:8443"}, {"*.corp.example"}]
)
def test_a_user_names_further_hosts(hosts: set[str]) -> None:
    """A named host counts as a provider's."""
    url = "https://llm.corp.example:8443/any"
    assert is_llm_call("GET", url, hosts=frozenset(hosts))
    assert not is_llm_call("GET", "https://other.example/any", hosts=frozenset(hosts))
    assert not is_llm_call("POST", "https://llm.corp.example:8443/mcp", hosts=frozenset(hosts))


def test_on_a_private_host_the_body_has_the_last_word() -> None:
    """Anybody's server may have a path that ends as a format's does."""
    url = "http://localhost:9/survey/responses"
    assert not is_llm_body(url, {"answers": [1]})
    assert not is_llm_body(url, None)
    assert not is_llm_body(url, {"jsonrpc": "2.0", "input": 1})
    assert is_llm_body(url, {"input": "hello"})
    assert is_llm_body("https://api.openai.com/v1/files", None)
    assert is_llm_body("https://llm.example/x", None, hosts=frozenset({"llm.example"}))


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_a_body_that_names_its_model_is_an_llm_call_however_malformed(path: str) -> None:
    """A server refuses it, and that answer is recorded; other paths are those of many services."""
    url = f"http://localhost:9{path}"
    assert is_llm_body(url, {"model": "tiny", "messages": "hello"})
    assert is_llm_body(url, {"model": "tiny"})
    assert not is_llm_body(url, {"text": "hello"})
    assert not is_llm_body("http://localhost:9/api/chat", {"model": "tiny", "message": "hello"})
    assert not is_llm_body(url, {"jsonrpc": "2.0", "model": "tiny"})


def test_hosts_lose_port_user_case_and_brackets() -> None:
    """The host of a URL, as tables write it."""
    assert "example.com" == host_of("http://me:secret@Example.COM.:80/x")
    assert "::1" == host_of("http://[::1]:80/x")
    assert "example.com" == host_of("https://example.com?x=/y")
    assert "" == host_of("mailto:me")


def test_cloud_metadata_is_nobodys_private_host() -> None:
    """Link-local names and addresses stay out."""
    assert not is_private("metadata.google.internal")
    assert not is_private("169.254.170.2")
