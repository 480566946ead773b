"""Words that several formats share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from pytest_llmreplay.event import ReasoningPart, Tool, ToolChoice

from .fields import as_object, as_text

__all__ = [
    "OUTPUTS",
    "allowed_mode",
    "choice_changes",
    "choice_code",
    "is_cache_mark",
    "reasoning_code",
    "tool_code",
]

OUTPUTS: dict[str | None, Literal["text", "json_object", "json_schema"]] = {
    "text": "text",
    "json_object": "json_object",
    "json_schema": "json_schema",
}
"""Types of structured output in OpenAI's two formats."""

_DATE = re.compile(r"(_\d{4}_\d{2}_\d{2}|_\d{8})$")
_SEARCH = "tool_search"


def tool_code(tool: Tool) -> str:
    """The code of a tool that its provider hosts: its kind, without the date of its version."""
    return "tools.cache_control" if is_cache_mark(tool) else f"tools.{_undated(tool.kind)}"


def is_cache_mark(tool: Tool) -> bool:
    """Whether what stands among the tools says that all before it are to be cached."""
    return tool.kind == "cachePoint"


def choice_code(choice: ToolChoice) -> str:
    """The code of a choice of a tool that is not offered."""
    kind = as_text(choice.raw.get("type")) if isinstance(choice.raw, dict) else None
    hosted = kind not in {None, "tool", "function", "allowed_tools", "custom"}
    return f"tool_choice.{_undated(kind)}" if kind and hosted else "tool_choice"


def choice_changes(choice: ToolChoice) -> Iterable[str]:
    """Codes of what a choice says beside its mode: Gemini can hold arguments to their schema."""
    raw = as_object(choice.raw)
    return ["~tool_choice.validated"] if raw.get("mode") == "VALIDATED" else []


def allowed_mode(choice: ToolChoice) -> Literal["auto", "required"]:
    """Whether one of the allowed tools has to be called; OpenAI's two formats and Gemini say so."""
    raw = as_object(choice.raw)
    nested = raw.get("allowed_tools")
    word = as_text((nested if isinstance(nested, dict) else raw).get("mode"))
    return "required" if word in {"required", "ANY"} else "auto"


def reasoning_code(part: ReasoningPart) -> Iterator[str]:
    """The code of a thought, which only the model that had it may get back."""
    if part.format == "anthropic":
        yield "thinking.signature"
    elif part.encrypted or part.signature:
        yield "reasoning.encrypted_content"
    elif part.content or part.extra:
        yield "reasoning"


def _undated(kind: str) -> str:
    return _SEARCH if kind.startswith(_SEARCH) else _DATE.sub("", kind)
