"""Whose a model is, by its name alone."""

from __future__ import annotations

import re

__all__ = ["provider_of_model"]

_FAMILIES = (
    (re.compile(r"gpt-(?!oss)|chatgpt-|o\d(-|$)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"gemini-"), "gemini"),
    (re.compile(r"grok-"), "xai"),
)
"""Models that only one provider's name belongs to."""


def provider_of_model(model: str) -> str | None:
    """The provider whose own name a model bears."""
    return next((name for pattern, name in _FAMILIES if pattern.match(model)), None)
