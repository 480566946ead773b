"""Tools that a provider hosts, and choices of tools: what several formats say alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from pytest_llmreplay.event import Tool, ToolChoice
from pytest_llmreplay.providers.fields import as_object, as_text

__all__ = [
    "allowed_mode",
    "choice_changes",
    "choice_code",
    "is_cache_mark",
    "tool_code",
]

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


def _undated(kind: str) -> str:
    return _SEARCH if kind.startswith(_SEARCH) else _DATE.sub("", kind)
