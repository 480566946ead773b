"""Arguments of a tool call that are told as a text of JSON."""

from __future__ import annotations

import json

from pytest_llmreplay.event import Json, ToolCallPart
from pytest_llmreplay.providers.json_values import compact_json

__all__ = ["arguments_text", "parse_arguments"]


def parse_arguments(raw: str) -> tuple[Json, str | None]:
    """Arguments of a call, and their text where writing them again would not give it back."""
    if not raw.strip():
        return {}, raw
    try:
        parsed: Json = json.loads(raw)
        same = compact_json(parsed) == raw
    except (ValueError, RecursionError):
        return raw, raw
    if not isinstance(parsed, dict):
        return raw, raw
    return parsed, None if same else raw


def arguments_text(part: ToolCallPart) -> str:
    """The arguments of a call as text: as sent, where they are still the same."""
    raw = part.arguments_raw
    if raw is not None and (raw == part.arguments or parse_arguments(raw)[0] == part.arguments):
        return raw
    return part.arguments if isinstance(part.arguments, str) else compact_json(part.arguments)
