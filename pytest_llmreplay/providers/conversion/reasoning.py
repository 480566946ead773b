"""Thinking on its way to another format: how much is asked for, and which thoughts get lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_llmreplay.event import Reasoning, ReasoningPart

from .losses import Losses

__all__ = ["effort_of", "effort_of_budget", "reasoning_code"]

_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_BUDGETS = {2048: "low", 8192: "medium"}
"""Budgets of tokens up to which an effort counts as low and as medium."""
_TAKES_NONE = re.compile(r"gpt-(5\.[1-9]|[6-9])")
"""Models that can be told not to think: https://platform.openai.com/docs/guides/reasoning"""


def effort_of(reasoning: Reasoning, model: str, losses: Losses) -> str | None:
    """The effort that is asked for; none where the model is to go by its own.

    Args:
        reasoning: What was asked.
        model: Who is going to read it.
        losses: Is told what changed.
    """
    if reasoning.budget_tokens is not None:
        losses.add("~thinking.budget_tokens")
    if reasoning.effort is not None:
        return _openai_effort(reasoning.effort, losses)
    if reasoning.mode == "disabled":
        return _without_thoughts(model, losses)
    if reasoning.budget_tokens is not None:
        return effort_of_budget(reasoning.budget_tokens)
    if reasoning.mode is not None:
        losses.add(f"~thinking.{reasoning.mode}")
    return None


def effort_of_budget(tokens: int) -> str:
    """The effort that a budget amounts to."""
    return next((word for most, word in _BUDGETS.items() if tokens <= most), "high")


def reasoning_code(part: ReasoningPart) -> Iterator[str]:
    """The code of a thought, which only the model that had it may get back."""
    if part.format == "anthropic":
        yield "thinking.signature"
    elif part.encrypted or part.signature:
        yield "reasoning.encrypted_content"
    elif part.content or part.extra:
        yield "reasoning"


def _openai_effort(word: str, losses: Losses) -> str | None:
    """A word of OpenAI's; others name a provider's own degrees."""
    if word in _EFFORTS:
        return word
    if word != "default":
        losses.add("reasoning.effort")
    return None


def _without_thoughts(model: str, losses: Losses) -> str | None:
    if _TAKES_NONE.search(model):
        return "none"
    losses.add("thinking.disabled")
    return None
