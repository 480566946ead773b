"""Reading `generationConfig`.

https://ai.google.dev/api/generate-content#generationconfig
"""

from __future__ import annotations

from typing import Literal

from pytest_llmreplay.event import Json, OutputFormat, Reasoning
from pytest_llmreplay.providers.fields import Fields

from .schema import json_schema

__all__ = ["leave_words", "read_output", "read_reasoning"]

_JSON = "application/json"
_DYNAMIC = -1
"""The budget with which the model decides how long it thinks."""


def leave_words(config: Fields) -> None:
    """Take the wish for words alone, which most clients send and nothing else follows from."""
    if config.rest.get("responseModalities") == ["TEXT"]:
        del config.rest["responseModalities"]


def read_output(config: Fields) -> OutputFormat | None:
    """Structured output: a media type, and one of two kinds of schema."""
    mime_type = config.rest.get("responseMimeType")
    if mime_type == "text/plain":
        del config.rest["responseMimeType"]
        return OutputFormat(type="text")
    schema = _schema(config) if mime_type in {_JSON, None} else None
    if schema is None and mime_type != _JSON:
        return None
    config.rest.pop("responseMimeType", None)
    if schema is None:
        return OutputFormat(type="json_object")
    return OutputFormat(type="json_schema", schema=schema)


def _schema(config: Fields) -> Json:
    if schema := config.object("responseJsonSchema"):
        return schema
    return json_schema(config.object("responseSchema")) or None


def read_reasoning(config: Fields) -> Reasoning | None:
    """`thinkingConfig`: a level or a budget, and whether the thoughts are told."""
    value = config.rest.get("thinkingConfig")
    if not isinstance(value, dict) or not value:
        return None
    inner = Fields(config.rest.pop("thinkingConfig"))
    level = inner.text("thinkingLevel")
    budget = inner.whole_number("thinkingBudget")
    return Reasoning(
        effort=level.lower() if level else None,
        budget_tokens=budget if budget and budget > 0 else None,
        mode=_mode(budget),
        summary="auto" if inner.flag("includeThoughts") else None,
        extra=inner.rest,
    )


def _mode(budget: int | None) -> Literal["disabled", "enabled", "adaptive"] | None:
    if budget is None:
        return None
    if budget == 0:
        return "disabled"
    return "adaptive" if budget == _DYNAMIC else "enabled"
