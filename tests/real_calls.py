"""Real calls, for tests that read them where a folder of recordings is named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.event import Exchange, JsonBody
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.source import Imported
from pytest_llmreplay.importers.vcrpy import recorded_in

__all__ = ["CONVERSATIONS", "RECORDINGS", "exchanges", "needs_recordings", "requests"]

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
    for api, body, _ in _conversations():
        yield api, body


def exchanges() -> Iterator[tuple[str, Exchange]]:
    """Format, request and answer of every recorded call that is a conversation."""
    for api, _, exchange in _conversations():
        yield api, exchange


def _conversations() -> Iterator[tuple[str, dict[str, Any], Exchange]]:
    for path in sorted(RECORDINGS.glob("*.yaml")):
        for found in recorded_in(InputFile(path=path)):
            if isinstance(found, Imported) and found.api in CONVERSATIONS:
                body = found.exchange.request.body
                if isinstance(body, JsonBody) and isinstance(body.value, dict):
                    yield found.api, body.value, found.exchange
