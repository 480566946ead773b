"""What is said where a test sends nothing, and its client stops for want of a key."""

from __future__ import annotations

import re

import pytest

from pytest_llmreplay.playback.open_cassette import OpenCassette
from pytest_llmreplay.report.cassettes.recording import ANY_KEY_WILL_DO

__all__ = ["key_notice"]

# "Missing credentials. Please pass an `api_key`" (openai), "Expected either api_key or auth_token
# to be set" (anthropic), "setting CO_API_KEY" (cohere), "No API key was provided" (google-genai)
_WANTS_KEY = re.compile(r"api[_ ]?key|credentials", re.IGNORECASE)


def key_notice(
    cassette: OpenCassette | None, error: pytest.ExceptionInfo[BaseException]
) -> list[str]:
    """What is said with the failure of a test before its first call.

    Args:
        cassette: Of the test.
        error: What it failed with.
    """
    if cassette is None or cassette.cassette is None or cassette.mode != "none" or cassette.called:
        return []
    wants_key = not error.errisinstance(AssertionError) and _WANTS_KEY.search(error.exconly())
    return [ANY_KEY_WILL_DO] if wants_key else []
