"""Words that several formats share."""

from __future__ import annotations

from typing import Literal

__all__ = ["OUTPUTS"]

OUTPUTS: dict[str | None, Literal["text", "json_object", "json_schema"]] = {
    "text": "text",
    "json_object": "json_object",
    "json_schema": "json_schema",
}
"""Types of structured output in OpenAI's two formats."""
