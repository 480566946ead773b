"""litellm in a process of its own: the variables of `llm_server` lead its calls to the server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Awaitable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from served_cassettes import served
from servers.exchange import Exchange
from servers.provider_server import ProviderServer, echo, raw

from pytest_llmreplay import Cassette
from pytest_llmreplay.serve.places import Places

pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")

CHAT = "/v1/chat/completions"
PATHS = {
    "ai21_chat/jamba-mini": "/studio/v1/chat/completions",
    "anthropic/claude-sonnet-4-6": "/v1/messages",
    "azure/gpt-5-mini": "/openai/deployments/gpt-5-mini/chat/completions?api-version=2024-10-21",
    "bedrock/converse/amazon.nova-lite-v1:0": "/model/amazon.nova-lite-v1%3A0/converse",
    "cerebras/llama-3.3-70b": CHAT,
    "cohere_chat/command-a": "/v2/chat",
    "deepinfra/llama-3.3-70b": "/v1/openai/chat/completions",
    "deepseek/deepseek-chat": "/beta/chat/completions",
    "fireworks_ai/qwen3": "/inference/v1/chat/completions",
    "gemini/gemini-3-flash": "/v1beta/models/gemini-3-flash:generateContent",
    "groq/llama-3.3-70b": "/openai/v1/chat/completions",
    "hosted_vllm/qwen3": CHAT,
    "lm_studio/qwen3": CHAT,
    "mistral/mistral-small": CHAT,
    "moonshot/kimi-k2": CHAT,
    "nvidia_nim/llama-3.3-70b": CHAT,
    "ollama_chat/qwen3": "/api/chat",
    "openai/gpt-5-mini": CHAT,
    "openrouter/qwen/qwen3": "/api/v1/chat/completions",
    "perplexity/sonar": "/chat/completions",
    "together_ai/qwen3": CHAT,
    "xai/grok-4": CHAT,
    "zai/glm-4.6": "/api/paas/v4/chat/completions",
}
"""A model of each provider, and what the provider sees of its call."""

CHILD = """
import sys
import litellm

for model in sys.argv[1:]:
    asked = [{"role": "user", "content": "hi"}]
    try:
        answer = litellm.completion(model=model, messages=asked, num_retries=0, timeout=20)
        print(model, answer.choices[0].message.content)
    except Exception as error:
        print(model, type(error).__name__, str(error)[:300].replace(chr(10), " "))
"""
ALONE = {
    "PATH": os.environ["PATH"],
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "AZURE_API_VERSION": "2024-10-21",
    "AWS_REGION_NAME": "us-east-1",
}
"""The environment of a process that reaches nothing but this machine."""

ANSWERS = {
    "/openai/v1/chat/completions": """{
        "id": "g1", "object": "chat.completion", "created": 1790000000, "model": "llama",
        "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Echo: hi"}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "service_tier": "on_demand"}""",
    "/v2/chat": """{
        "id": "c1", "finish_reason": "COMPLETE",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "Echo: hi"}]},
        "usage": {"tokens": {"input_tokens": 1, "output_tokens": 2}}}""",
    ":generateContent": """{
        "candidates": [{"finishReason": "STOP",
            "content": {"role": "model", "parts": [{"text": "Echo: hi"}]}}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2}}""",
    "/converse": """{
        "output": {"message": {"role": "assistant", "content": [{"text": "Echo: hi"}]}},
        "stopReason": "end_turn", "metrics": {"latencyMs": 5},
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}}""",
    "/api/chat": """{
        "model": "qwen3", "created_at": "2026-11-20T17:00:00Z", "done": true,
        "message": {"role": "assistant", "content": "Echo: hi"},
        "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 2}""",
}
"""What the server of the tests does not say, by the end of the path: Groq's tier, other formats."""


def answers(exchange: Exchange) -> Awaitable[None]:
    """Each provider in its own format."""
    found = (body for end, body in ANSWERS.items() if exchange.seen.path.endswith(end))
    own = next(found, None)
    return echo(exchange) if own is None else raw(own.encode())(exchange)


def said(env: Mapping[str, str]) -> dict[str, str]:
    """What each model answers a process that knows nothing but these variables."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD, *PATHS],
        env={**ALONE, **env},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    lines = (line.partition(" ") for line in done.stdout.splitlines())
    return {model: words for model, _, words in lines if model in PATHS}


def test_every_provider(tmp_path: Path) -> None:
    """Each call is recorded at its provider's path, and played to a process without a key."""
    path, wanted = tmp_path / "c.yaml", dict.fromkeys(PATHS, "Echo: hi")
    keys = Places({}).variables("http://server", keyless=True)
    with ProviderServer(answers) as provider, served(path, "new", {}, provider.url) as server:
        assert wanted == said({**keys, **server.env})
        asked = [one.path for one in provider.seen]
    assert list(PATHS.values()) == asked
    assert len(PATHS) == len(Cassette.load(path).events)
    with served(path, "none", {}) as server:
        assert wanted == said(server.env)
