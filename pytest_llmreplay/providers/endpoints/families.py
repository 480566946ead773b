"""Whose a model is, by its name alone, and whose a format is."""

from __future__ import annotations

import re

__all__ = ["format_owner", "provider_of_model"]

_FAMILIES = (
    (re.compile(r"gpt-(?!oss)|chatgpt-|o\d(-|$)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"gemini-"), "gemini"),
    (re.compile(r"grok-"), "xai"),
)
"""Models that only one provider's name belongs to."""
_OWNERS = {
    "messages": "anthropic",
    "count_tokens": "anthropic",
    "generate_content": "gemini",
    "interactions": "gemini",
    "ollama_chat": "ollama",
    "ollama_generate": "ollama",
    "cohere_chat": "cohere",
    "cohere_chat_v1": "cohere",
    "cohere_generate": "cohere",
}
"""Whose formats they are; all others are OpenAI's."""


def provider_of_model(model: str) -> str | None:
    """The provider whose own name a model bears."""
    return next((name for pattern, name in _FAMILIES if pattern.match(model)), None)


def format_owner(api: str) -> str:
    """Name of the provider whose own format it is."""
    return _OWNERS.get(api, "openai")
