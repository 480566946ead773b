"""Requests of real calls, for tests that read them where a folder of recordings is named."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_llmreplay.providers.registry import identify

__all__ = ["CONVERSATIONS", "RECORDINGS", "needs_recordings", "requests"]

RECORDINGS = Path(os.environ.get("LLMREPLAY_RECORDINGS") or "/nonexistent")
"""A folder of vcrpy cassettes with the JSON of bodies under `parsed_body`."""

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="LLMREPLAY_RECORDINGS names no folder"
)

CONVERSATIONS = frozenset(
    {
        *("chat_completions", "responses", "messages", "generate_content", "converse"),
        *("cohere_chat", "ollama_chat", "ollama_generate"),
    }
)


def requests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Format and body of every recorded call that is a conversation."""
    for path in sorted(RECORDINGS.glob("*.yaml")):
        calls = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["interactions"]
        for call in calls:
            asked = call.get("request")
            body = _body(asked or {})
            if isinstance(body, dict):
                api = identify(asked["method"].upper(), asked["uri"], {}, body).api
                if api in CONVERSATIONS:
                    yield api, body


def _body(asked: dict[str, Any]) -> Any:
    """The parsed body; text of recordings that were not parsed."""
    if "parsed_body" in asked:
        return asked["parsed_body"]
    try:
        return json.loads(asked.get("body") or "null")
    except (TypeError, ValueError):
        return None
