"""Words that several formats share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pytest_llmreplay.event import ReasoningPart, Tool, ToolChoice

from .fields import as_text

__all__ = ["OUTPUTS", "choice_code", "reasoning_code", "tool_code"]

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
    return f"tools.{_undated(tool.kind)}"


def choice_code(choice: ToolChoice) -> str:
    """The code of a choice of a tool that is not offered."""
    kind = as_text(choice.raw.get("type")) if isinstance(choice.raw, dict) else None
    hosted = kind not in {None, "tool", "function", "allowed_tools"}
    return f"tool_choice.{_undated(kind)}" if kind and hosted else "tool_choice"


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
