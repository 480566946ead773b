"""In which format a target is asked."""

from __future__ import annotations

import pytest

from pytest_llmreplay.replay.requests.spoken import spoken_api, spoken_apis
from pytest_llmreplay.replay.targets.target import TargetSettings, resolve

CHAT, MESSAGES, RESPONSES = "chat_completions", "messages", "responses"
HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("text", "base", "recorded", "api", "expected"),
    [
        ("gpt-5-mini", None, "anthropic", MESSAGES, CHAT),
        ("openai/gpt-5-mini", HERE, "anthropic", MESSAGES, CHAT),
        ("gpt-5-mini", None, "openai", CHAT, CHAT),
        ("claude-haiku-4-5", None, "openai", CHAT, MESSAGES),
        ("anthropic/claude-haiku-4-5", HERE, "openai", CHAT, MESSAGES),
        ("claude-haiku-4-5", HERE, "openai", CHAT, CHAT),
        ("openrouter/x", None, "anthropic", MESSAGES, MESSAGES),
        ("gemini/gemini-3", None, "anthropic", MESSAGES, CHAT),
        ("tiny", HERE, "anthropic", MESSAGES, MESSAGES),
        ("same", None, "anthropic", CHAT, CHAT),
        ("same", HERE, "anthropic", MESSAGES, MESSAGES),
        ("azure/deployment", HERE, "openai", CHAT, CHAT),
        ("anthropic/x", None, "openai", "embeddings", "embeddings"),
        ("simulated/steady", None, "openai", CHAT, CHAT),
    ],
)
def test_the_format_follows_from_target_and_event(
    text: str, base: str | None, recorded: str, api: str, expected: str
) -> None:
    """The event's own where the target speaks it, else the provider's first."""
    target = resolve(text, TargetSettings(base_url=base))
    assert expected == spoken_api(target, recorded, api, target.model or "")


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("openai/gpt-5-mini", HERE, (CHAT, RESPONSES)),
        ("openrouter/x", None, (CHAT, RESPONSES, MESSAGES)),
        ("anthropic/claude-haiku-4-5", None, (MESSAGES,)),
        ("mistral/small", None, (CHAT,)),
        ("tiny", HERE, ("generate_content",)),
    ],
)
def test_other_formats_are_at_hand_for_what_the_first_has_no_words_for(
    text: str, base: str | None, expected: tuple[str, ...]
) -> None:
    """All that the provider speaks itself, and into which a request can be converted."""
    target = resolve(text, TargetSettings(base_url=base))
    assert expected == spoken_apis(target, "gemini", "generate_content", target.model or "")
